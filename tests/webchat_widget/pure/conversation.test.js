import assert from "node:assert/strict";
import test from "node:test";
import { Backoff } from "../widget/backoff.js";
import { wellFormed } from "../widget/composer.js";
import { chooseLanguage, labelNames, languageFor } from "../widget/labels.js";
import { Outbox } from "../widget/queue.js";
import { Transcript } from "../widget/transcript.js";

const message = (seq, from = "bot") => ({ seq, type: "message", from });
const numbers = (items) => items.map((item) => item.seq);

function memory() {
  const values = new Map();
  return {
    get: (name) => (values.has(name) ? JSON.parse(values.get(name)) : null),
    set: (name, value) => values.set(name, JSON.stringify(value)),
    remove: (name) => values.delete(name),
    keys: () => [...values.keys()],
  };
}

test("back-off doubles its ceiling from 1 to 30 seconds and jitters over all of it", () => {
  const high = new Backoff({ random: () => 1 });
  assert.deepEqual(Array.from({ length: 8 }, () => high.next()), [1e3, 2e3, 4e3, 8e3, 16e3, 3e4, 3e4, 3e4]);
  high.reset();
  assert.equal(high.next(), 1e3);
  assert.equal(new Backoff({ random: () => 0 }).next(), 0);
});

test("events come out once and in order, however they came in", () => {
  const orders = [[1, 2, 3], [3, 2, 1], [2, 2, 1, 3, 1], [1, 3, 2, 3]];
  for (const order of orders) {
    const transcript = new Transcript();
    const out = order.flatMap((seq) => numbers(transcript.take([message(seq)]).added));
    assert.deepEqual(out, [1, 2, 3]);
    assert.equal(transcript.cursor, 3);
  }
});

test("a gap is told until it is filled, and accepted when the server has nothing there", () => {
  const transcript = new Transcript();
  assert.deepEqual(transcript.take([message(1), message(4)]), { added: [message(1)], gap: true });
  assert.equal(transcript.cursor, 1);
  const filled = transcript.take([message(3), message(4)], { complete: true });
  assert.deepEqual([numbers(filled.added), filled.gap, transcript.cursor], [[3, 4], false, 4]);
});

test("what is no event is ignored", () => {
  const transcript = new Transcript();
  const junk = [null, 7, {}, { seq: "1" }, { seq: -1 }, { seq: 0 }, { seq: 1.5 }, { seq: NaN }];
  assert.deepEqual(transcript.take(junk), { added: [], gap: false });
});

test("unread counts messages of others after the read cursor", () => {
  const transcript = new Transcript();
  transcript.take([message(1), message(2, "visitor"), { seq: 3, type: "note" }, message(4, "staff")]);
  assert.deepEqual([0, 1, 4].map((read) => transcript.unread(read)), [2, 1, 0]);
});

test("the outbox keeps order and outlives the page", () => {
  const storage = memory();
  const first = new Outbox(storage, { now: () => 5, makeId: () => "a" });
  first.add({ kind: "text", text: "1" });
  first.makeId = () => "b";
  first.add({ kind: "text", text: "2" });
  const second = new Outbox(storage, { now: () => 6 });
  assert.deepEqual(second.list().map((entry) => entry.client_msg_id), ["a", "b"]);
  second.settle("a");
  assert.equal(first.next().client_msg_id, "b");
});

test("a failed or day-old message waits for the visitor, then goes under its old id", () => {
  let now = 0;
  const outbox = new Outbox(memory(), { now: () => now, makeId: () => "a" });
  outbox.add({ kind: "text", text: "1" });
  outbox.fail("a");
  assert.equal(outbox.next(), null);
  outbox.retry("a");
  assert.equal(outbox.next().client_msg_id, "a");
  now = 25 * 3600 * 1000;
  assert.equal(outbox.next(), null);
  assert.equal(outbox.get("a").state, "failed");
});

test("ids of messages fit the protocol", () => {
  const outbox = new Outbox(memory());
  for (let i = 0; i < 50; i += 1) assert.match(outbox.add({ kind: "text", text: "1" }).client_msg_id, /^[A-Za-z0-9_-]{1,64}$/);
  assert.equal(new Set(outbox.list().map((entry) => entry.client_msg_id)).size, 50);
});

test("halves of surrogate pairs are replaced, whole ones kept", () => {
  assert.equal(wellFormed("a\ud83d b\ude00 \u{1f375}"), "a\ufffd b\ufffd \u{1f375}");
});

test("every language has every label", () => {
  const names = Object.values(labelNames());
  for (const each of names) assert.deepEqual(each, names[0]);
});

test("languages are chosen by tag", () => {
  assert.deepEqual(
    ["zh", "zh-CN", "zh_TW", "zh-Hant-HK", "zh-HK", "en-GB", "de", "", null].map(languageFor),
    ["zh-Hans", "zh-Hans", "zh-Hant", "zh-Hant", "zh-Hant", "en", null, null, null],
  );
  assert.equal(chooseLanguage([null, "de", "zh-TW", "en"]), "zh-Hant");
  assert.equal(chooseLanguage(["fr"]), "en");
});

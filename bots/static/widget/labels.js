// Every word of the widget itself, in English, Simplified and Traditional Chinese.

const LABELS = {
  en: {
    title: "Chat with {company}",
    log: "Messages",
    you: "You",
    assistant: "Assistant",
    placeholder: "Write a message…",
    composer: "Your message",
    send: "Send",
    close: "Close",
    language: "Language",
    online: "Online",
    connecting: "Connecting…",
    offline: "No connection. Messages will be sent later.",
    sending: "Sending…",
    waiting: "Waiting for connection",
    sent: "Sent",
    failed: "Not sent.",
    retry: "Try again",
    typing: "{name} is writing",
    newMessages: "New messages",
    replies: "Suggested replies",
    actions: "Options",
    starters: "You could ask",
    chosen: "You chose: {label}",
    held: "A little fast. Your message goes out in {seconds} s.",
    busy: "We are busy right now. Trying again in {seconds} s.",
    refused: "This chat cannot be opened here: {message}",
    tooLong: "{over} characters too many",
    left: "{left} characters left",
    ended: "Your earlier conversation has ended. This is a new one.",
    today: "Today",
    yesterday: "Yesterday",
    newTab: "opens in a new tab",
    picture: "Picture",
    file: "Open the file",
    source: "Source",
    identity: "You could not be recognised, so you are chatting as a guest.",
  },
  "zh-Hans": {
    title: "与{company}对话",
    log: "消息",
    you: "我",
    assistant: "智能助手",
    placeholder: "请输入消息…",
    composer: "您的消息",
    send: "发送",
    close: "关闭",
    language: "语言",
    online: "在线",
    connecting: "连接中…",
    offline: "网络已断开，恢复后自动发送。",
    sending: "发送中…",
    waiting: "等待网络",
    sent: "已发送",
    failed: "未发送。",
    retry: "重试",
    typing: "{name}正在输入",
    newMessages: "有新消息",
    replies: "快捷回复",
    actions: "选项",
    starters: "您可以问",
    chosen: "您选择了：{label}",
    held: "发得有点快，{seconds} 秒后自动发送。",
    busy: "现在有点忙，{seconds} 秒后重试。",
    refused: "无法在此打开对话：{message}",
    tooLong: "超出 {over} 个字",
    left: "还可输入 {left} 个字",
    ended: "之前的对话已结束，这是新的对话。",
    today: "今天",
    yesterday: "昨天",
    newTab: "在新标签页中打开",
    picture: "图片",
    file: "打开文件",
    source: "来源",
    identity: "未能确认您的身份，您正以访客身份对话。",
  },
  "zh-Hant": {
    title: "與{company}對話",
    log: "訊息",
    you: "我",
    assistant: "智能助手",
    placeholder: "請輸入訊息…",
    composer: "您的訊息",
    send: "傳送",
    close: "關閉",
    language: "語言",
    online: "在線",
    connecting: "連線中…",
    offline: "網路已中斷，恢復後自動傳送。",
    sending: "傳送中…",
    waiting: "等待網路",
    sent: "已傳送",
    failed: "未傳送。",
    retry: "重試",
    typing: "{name}正在輸入",
    newMessages: "有新訊息",
    replies: "快捷回覆",
    actions: "選項",
    starters: "您可以問",
    chosen: "您選擇了：{label}",
    held: "傳得有點快，{seconds} 秒後自動傳送。",
    busy: "現在有點忙，{seconds} 秒後重試。",
    refused: "無法在此開啟對話：{message}",
    tooLong: "超出 {over} 個字",
    left: "還可輸入 {left} 個字",
    ended: "先前的對話已結束，這是新的對話。",
    today: "今天",
    yesterday: "昨天",
    newTab: "在新分頁中開啟",
    picture: "圖片",
    file: "開啟檔案",
    source: "來源",
    identity: "未能確認您的身分，您正以訪客身分對話。",
  },
};

/** The languages of the widget, as visitors see them in the switch. */
export const LANGUAGES = { en: "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文" };

/** Return the widget language for a BCP-47 tag, or null when it has none. */
export function languageFor(tag) {
  const text = String(tag ?? "").toLowerCase().replaceAll("_", "-");
  if (/^zh\b/.test(text)) return /hant|-(?:tw|hk|mo)\b/.test(text) ? "zh-Hant" : "zh-Hans";
  return /^en\b/.test(text) ? "en" : null;
}

/** Return the first of `tags` that the widget speaks, else English. */
export function chooseLanguage(tags) {
  for (const tag of tags) {
    const language = languageFor(tag);
    if (language) return language;
  }
  return "en";
}

/** Return the label `name` in `language` with `values` put in. */
export function label(language, name, values = {}) {
  const text = LABELS[language]?.[name] ?? LABELS.en[name];
  return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/** Names of the labels each language has, for the test that they are the same. */
export function labelNames() {
  return Object.fromEntries(Object.entries(LABELS).map(([key, texts]) => [key, Object.keys(texts)]));
}

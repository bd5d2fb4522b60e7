"""Standard entities: one file each, the file name is the entity's name.

A module offers `find(text, language, circumstances) -> Iterable[Entity]` with half-open spans of
`text` (normal form, see nlu.text), and `SPECIFICITY`: which of two spans of equal length is kept.
"""

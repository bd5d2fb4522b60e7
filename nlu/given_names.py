"""Common given names, which make a name sure though it is written small: "i'm lucy"."""

_NAMES = """
aaron abby abdul abigail adam adrian ahmed aisha alan albert alejandro alex alexander alexandra
alexis alfred ali alice alicia alina alison allison amanda amber amelia amir amy ana andrea
andreas andrew andy angela anita ann anna anne annie anthony antonio arjun arthur ashley
barbara beatrice becky ben benjamin bernard beth bianca bob bobby brandon brenda brian bridget
bruce bryan caleb cameron camila carl carla carlos carmen carol caroline carolyn catherine
cathy cecilia charles charlie chen chloe chris christian christina christine christopher cindy
claire clara claudia colin connie connor craig cristina cynthia daisy dan daniel daniela danny
dave david dean deborah debra denise dennis derek diana diane diego dmitri dominic donald donna
doris dorothy doug douglas duncan dylan ed eddie edith edward eileen elaine eleanor elena eli
elizabeth ella ellen ellie emily emma eric erica erik erin ethan eva evelyn fatima felix
fernando fiona frances francesca francis francisco frank franz fred gabriel gabriela gary gavin
geoff george gerald gina giovanni giulia gloria gordon graham greg gregory hannah hans harold
harriet harry hassan heather helen helena henry hiroshi howard hugo ian ibrahim igor ines
ingrid irene isaac isabel isabella ivan jack jackie jacob jake james jamie jan jane janet
janice jared jasmine jason javier jean jeff jeffrey jenna jennifer jenny jeremy jerry jess
jesse jessica jessie jill jim jimmy joan joanna joanne joe joel johan john johnny jon jonas
jonathan jordan jorge jose joseph josh joshua joyce juan juanita judith judy julia julian julie
juliet justin karen karim karl karla kate katherine kathleen kathryn kathy katie katrin keith
kelly ken kenneth kenny kerry kevin khalid kim kimberly klaus kristen kristin kurt kyle lars
laura lauren laurie lea leah lee lena leo leon leonard leonardo leslie lewis liam lily linda
lindsay lisa liz lopez lorenzo louis louise luca lucas lucia lucy luigi luis luke lydia lynn
maddie madison magda malcolm manuel marc marco marcus margaret maria marie mario marion marisa
mark marta martha martin martina marvin mary mateo matt matteo matthew maureen maurice max maya
megan mehmet mei melanie melissa mia michael michaela michelle miguel mike milan miriam mohamed
mohammed molly monica morgan muhammad nadia nancy naomi natalia natalie natasha nathan neil
nick nicola nicolas nicole nigel nikita nina noah noel nora norman olga oliver olivia omar
oscar owen pablo pamela patricia patrick paul paula pauline pedro penny pete peter phil philip
phoebe pierre priya rachel rahul raj ralph ramon raphael raul raymond rebecca reginald renee
ricardo richard rita rob robert roberto robin rodrigo roger roland ron ronald rosa rosie ross
roxanne roy ruben russell ruth ryan sabrina sally salman sam samantha samir samuel sandra
sanjay sara sarah scott sean sebastian sergei sergio shane shannon sharon shaun sheila shirley
silvia simon simone sofia sonia sophia sophie stefan stella stephanie stephen steve steven
stuart sue susan susanna suzanne svetlana sylvia tamara tania tanya tara taylor ted teresa
terry theo theresa thomas tim timothy tina toby todd tom tomas tommy tony tracy travis trevor
tyler ursula valentina valerie vanessa vera veronica vicky victor victoria vijay vikram vincent
virginia vivian vladimir walter wanda warren wayne wei wendy wilhelm will william wolfgang
xavier xiao yan yasmin yuki yusuf yvonne zach zachary zara zoe
"""
GIVEN_NAMES = frozenset(_NAMES.split())

"""Forms of one first name: nicknames and spellings of names from other scripts.

Each line is one name; its first word is the root that the others compare as. Spellings of names
brought over from other scripts are listed for fairness: without them the same person is missed
more often where a name has many accepted Latin spellings.
"""

from __future__ import annotations

from functools import cache

_FORMS = """
abdullah abdulla abdallah abdulah
ahmed ahmad ahmet achmed
aisha aysha ayesha aishah aicha ayisha
aleksander alexander alex alec sandy aleksandr alexandr alasdair alistair alastair
alexandra aleksandra sasha
amir ameer aamir emir
andrew andy drew andrzej andrei
anthony tony antony anton antonio
barbara barb babs
benjamin ben benny benji
catherine cathy kate katie kathy katherine kathryn cath katharine katarzyna kasia
charles charlie chas chuck
charlotte lottie charlie
christina chrissie tina christine
christopher chris kris kit krzysztof
daniel dan danny daniyal
david dave davey dawid dawood daud
deborah debbie deb debra
dorothy dot dotty
edward ed eddie ted teddy ned
elizabeth liz lizzie beth betty eliza elisabeth elzbieta libby betsy
fatima fatimah fatma fathima
francis frank frankie
frances fran francesca
gabriel gabe
gillian gill jill
gregory greg grzegorz
hassan hasan hassaan
henry harry hal hank
hussein husain hussain hossein husayn hussayn
ibrahim ebrahim ibraheem
isabella isobel isabel bella izzy isabelle
jacob jake jakub yaqub
jacqueline jackie jacqui
james jim jimmy jamie jem
jennifer jen jenny jenn
jessica jess jessie
john jon johnny jack jan
jonathan jonny jonathon
joseph joe joey josef jozef yusuf yousuf yousef youssef yusef
joshua josh
judith judy
kenneth ken kenny
khalid khaled kaled
lawrence larry laurence
leonard len lenny leo
lucy lucie
margaret maggie meg peggy madge malgorzata
matthew matt matty mateusz
maryam mariam miriam meryem maryan
michael mike mick mickey micheal michal mikey
mohammed mohamed muhammad mohammad muhammed mohamad mohamud mehmet muhamed mohd md mo
mustafa mostafa moustafa
natalie nat natalia
nathaniel nathan nate
nicholas nick nicky nicolas mikolaj
nicola nicky nikki
oliver olly ollie
olivia liv livvy
omar umar omer
osman usman uthman othman usmaan
patricia pat patsy trish tricia
patrick pat paddy padraig
peter pete piotr
philip phil phillip
rebecca becky becca bex rebekah
richard rick ricky dick rich richie
robert rob bob bobby robbie bert
ronald ron ronnie
saeed said sayed syed
samantha sam sammy
samuel sam sammy
sarah sara sally
stephen steve steven stevie stefan
stephanie steph
susan sue suzie susie suzanne
thomas tom tommy tomasz
timothy tim timmy
valerie val
victoria vicky vicki tori vikki
vincent vince vinny
walter walt wally
william will bill billy willie liam
xiaoming xiao
yasmin yasmeen jasmin jasmine yasemin
zachary zach zack zak zac
zainab zaynab zeinab zeynep
"""


@cache
def roots() -> dict[str, str]:
    """Return ``form -> root``; a form that belongs to two names keeps the first.

    >>> roots()["bob"], roots()["muhammad"]
    ('robert', 'mohammed')
    """
    found: dict[str, str] = {}
    for line in _FORMS.strip().splitlines():
        root, *forms = line.split()
        for form in (root, *forms):
            found.setdefault(form, root)
    return found

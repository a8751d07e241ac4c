# ruff: noqa: RUF001 - Turkish has a dotless i
"""Accepted spellings of one name: each line a name with the ways it is written.

Written by hand from general knowledge, for the generator alone: what links records must not read
it, or it would be measured against itself. Names of other scripts and languages have many accepted
spellings, English ones few; no rate is set by group, so that is all that differs between groups.
"""

from __future__ import annotations

_SPELLINGS = """
Mohammed Muhammad Mohammad Mohamed Muhammed Mohamad Maxamed Mahamed Mohd
Mohamud Maxamuud Mahmoud Mahmood Mehmood Mahmud
Ahmed Ahmad Axmed Ahmet Ahamed
Hussain Hussein Hossain Husain Husayn Xuseen Hossein Hussien
Hassan Hasan Xasan Hassaan
Ali Aly Cali Alli
Abdi Cabdi Abdy
Abdullahi Cabdullaahi Abdulahi
Abdullah Abdulla Abdallah Abdullaah
Abdirahman Cabdiraxmaan Abdurahman Abdulrahman Abdurrahman
Abdul Abdel Abdal
Rahman Rehman Rahmaan Rahmen
Omar Umar Cumar Omer Umer
Osman Usman Uthman Othman Cismaan
Yusuf Youssef Yousef Yusef Yousuf Yuusuf Yousaf Joseph
Ibrahim Ebrahim Ibraahim Ibrahem
Ismail Ismael Ismaeel Ismaciil
Mustafa Mostafa Mustapha Mustafe
Khalid Khaled Qalid Khaalid
Tariq Tarek Tarik Tareq
Kareem Karim Kerim
Rashid Rasheed Rachid Raashid
Saleh Salih Salah Saalax
Bilal Belal Bilaal
Hamza Hamzah Xamse
Imran Emran Imraan
Javed Javaid Jawed Javid
Iqbal Eqbal Ikbal
Tahmina Tahmeena Tamina
Nasreen Nasrin Nasrine
Parveen Parvin Perveen Parbin
Shaheen Shahin Shaheena
Saleem Salim Selim
Rafiq Rafique Rafeeq Rafik
Shafiq Shafique Shafeeq
Siddiqui Siddique Siddiqi Sidiqui
Qureshi Quraishi Koreshi Kureshi
Sheikh Shaikh Sheik Shekh Cheikh
Chowdhury Choudhury Chaudhury Chowdhary Choudhary
Chaudhry Chaudhary Chaudhri Choudhry
Uddin Udin Ud-Din Oddin
Miah Mia Miya Meah
Begum Begom Begam
Khatun Khatoon Khanom
Bibi Bibee
Haque Haq Huq Hoque
Mirza Meerza
Malik Malek Malick
Akhtar Akhter Aktar Akther Akter
Bhuiyan Bhuiya Bhuyan Bhuiyah
Talukdar Talukder Taluqdar
Sarkar Sarker Sircar
Howlader Hawlader Haulader
Majumder Mazumder Majumdar
Khan Khaan Xaan
Zaman Zamaan Jaman
Ashraf Asraf
Aisha Ayesha Aysha Aishah Aicha Caasha Asha
Fatima Fatimah Fathima Fatma Fatemeh Faduma Fadumo Faadumo
Khadija Khadijah Khadeeja Khadeja Hadija Khadiijo
Maryam Mariam Maryan Miriam Maryum
Zainab Zaynab Zeinab Zeynab Zainub
Zara Zahra Zarah Zaara
Amina Aminah Ameena Aamina Aminata
Yasmin Yasmeen Jasmin Yasmine
Noor Nour Nur Nuur Noora
Layla Leila Laila Leyla
Sumaiya Sumaya Sumayya Sumayyah Sumaiyah
Hafsa Hafsah Hafza
Halima Halimah Xaliimo Haleema
Sara Sarah Saara
Huda Houda Hoda
Farah Faarax Farrah
Warsame Warsameh Warsama
Jama Jaamac Jamaa
Nimco Nimo Nimcaan
Hodan Hoodan Hodhan
Guled Guuleed Gouled
Duale Ducaale Dualeh
Elmi Cilmi Elmy
Adan Aden Aadan Adam
Isse Ciise Issa Essa Eisa
Hersi Xirsi Hirsi
Said Saeed Sayed Sayid Saiid Syed
Mansour Mansoor Mansur
Nasser Nasir Nasser Naser
Khalil Khaleel Halil
Sharif Shareef Sherif Cherif
Suleiman Sulaiman Sulayman Soliman Suleyman
Qasim Kasim Qassim Kassem
Walid Waleed Oualid
Jamal Jamaal Gamal Cemal
Faisal Faysal Feisal
Aziz Azeez Asis
Habib Habeeb
Hashemi Hashimi Hashmi
Samir Sameer Sameir
Ziad Ziyad Zeyad
Hosseini Husseini Hussaini
Mohammadi Muhammadi Mohamadi
Karimi Kareemi
Mehdi Mahdi Mehdy
Reza Raza Rida
Harpreet Harprit Harpeet
Gurpreet Gurprit Gurpeet
Manpreet Manprit
Jaspreet Jasprit
Simran Simren Simeran
Singh Sing Sinh
Kaur Kour Cour
Dhillon Dhillion Dillon
Sandhu Sandu Sindhu
Sidhu Siddhu Sidu
Grewal Garewal
Virk Wirk
Patel Patil Pattel
Shah Sha
Sharma Sarma Sharmah
Desai Desay Dessai
Joshi Joshy Jhoshi
Verma Varma
Rao Row
Gupta Goopta
Pooja Puja
Riya Ria Rhea
Meera Mira
Lakshmi Laxmi Lakshmy Luxmi
Priya Priyah Preeya
Vijay Wijay Bijay
Vikram Wikram Vickram
Krishna Krisna Krishnan
Suresh Sureesh
Jayasinghe Jayasingha Jayasinha
Mathew Matthew Mathews
Cherian Cheriyan
Kurian Kuriyan
Thapa Thappa
Gurung Gurang
Shrestha Shrestra Srestha
Poudel Paudel Poudyal
Chhetri Chetri Kshetri
Pradhan Pradhaan
Wang Wong Whang
Zhang Chang Jang
Cheung Cheong Chung Zhang
Chen Chan Chin
Li Lee Ly
Liu Lau Liew Lui
Lam Lim Lum
Ng Eng Ing
Xu Hsu Hui
Zhou Chow Chou Jou
Zhao Chao Chiu
Xie Hsieh Tse
Huang Hwang Wong
Guo Kuo Kwok
Cai Tsai Choi
Cheng Zheng Ching
Tang Teng
Yeung Young Yang
Tsang Tseng Zeng
Leung Leong Liang
Kwok Kwock
Jun Joon
Feng Fung
Mei May
Nguyen Nguyễn Nguyan Ngyuen
Tran Trần Trang
Le Lê
Pham Phạm Fam
Hoang Hoàng Huang
Vu Vũ Voo
Dang Đặng
Bui Bùi
Duong Dương Dung
Thuy Thúy Thuỳ
Huong Hương
Duc Đức
Dung Dũng
Tuan Tuấn
Kim Gim
Park Pak Bak
Choi Choe Chey
Jung Jeong Chung
Yoon Yun
Lim Im Rim
Kang Gang
Ito Itoh
Sato Satoh
Kenji Kenzi
Hiroshi Hirosi
Yuki Yukie
Reyes Reyez
Cruz Crus
Shevchenko Ševčenko Szewczenko Schevchenko
Petrov Petroff Petrow
Ivanov Ivanoff Iwanow
Dmytro Dmitro Dmitri Dmitry
Oleksandr Alexander Aleksandr Olexandr
Oksana Oxana
Olena Elena Helena
Iryna Irina Irena
Serhiy Sergey Sergiy Sergei
Yuriy Yuri Yury Iurii
Viktor Victor Wiktor
Viktoria Victoria Wiktoria
Natalia Nataliya Natalya
Svetlana Svitlana
Katarzyna Katarina Catherine
Tomasz Tomas Thomas
Mateusz Matheus Mateus
Jakub Jacob Yakub
Aleksandra Alexandra
Zofia Sofia Zophia
Oliwia Olivia
Hanna Hannah Anna
Julia Yulia Giulia
Kowalski Kowalsky
Nowak Novak
Popescu Popesco
Cristina Christina Kristina
Mihai Mikhai
Andreea Andrea Andreia
Horváth Horwath Horvat
Papadopoulos Papadopulos
Giorgos Georgios George
Dimitrov Dimitroff
Silva Sylva
Sousa Souza
Fernandez Fernandes
Rodríguez Rodrigues
González Gonzales Gonsalez
López Lopes
Martínez Martines
Sánchez Sanches
Pérez Peres
Thiago Tiago
Emmanuel Emanuel Immanuel
Isaac Isaack Isak
Oluwaseun Oluwasheun
Temitope Temitopeh
Tunde Toonde
Okafor Okafo Okafour
Okonkwo Okonkwoh
Adeyemi Adeyemy
Chiamaka Chimaka
Chidi Chidy
Mensah Mensa
Owusu Owosu
Boateng Boaten
Agyemang Adjeman Agyeman
Acheampong Acheampon Atcheampong
Kwame Kwami Kwamena
Kwabena Kobina Kobena
Kwaku Kweku Kwakou
Kwasi Kwesi Kouassi
Yaw Yao
Sesay Sesey Cissay
Jallow Diallo Jalloh
Ceesay Sesay Cisse
Kamara Camara
Musa Moussa Muse
Lamin Lamine
Fatou Fatu
Modou Modu
Tendai Tendayi
Tinashe Tinache
Ncube Nkube
Ndlovu Ndhlovu
Yilmaz Yılmaz
Mehmet Mehmed Muhammet
Ahmet Ahmed
Hüseyin Huseyn
Ayşe Aysha Aishe
Şahin Shahin Sahin
Çelik Chelik
Çağrı Cagri Chagri
Stephen Steven
Sarah Sara
Hannah Hanna
Catherine Katherine Kathryn Catharine
Rebecca Rebekah
Rachel Rachael
Nicola Nichola
Claire Clare
Kayleigh Kayley
Lily Lilly
Isabelle Isobel Isabel
Zoe Zoey
Aimee Amy
Caitlin Kaitlyn
Siobhan Shevaun
Niamh Neve
Sian Shan
Robyn Robin
Ashley Ashleigh
Leanne Leigh-Anne
Stephanie Stefanie
Tracey Tracy
Stacey Stacy
Deborah Debra
Millie Milly
Evie Evy
Kieran Kieron Ciaran
Connor Conor
Reece Rhys
Callum Calum
Jonathan Jonathon
Geoffrey Jeffrey
Alan Allan Allen
Sean Shaun Shawn
Philip Phillip
Stuart Stewart
Graham Graeme
Nicholas Nicolas
Neil Neal
Ian Iain
Zachary Zachery
Frederick Fredrick
Clarke Clark
Davies Davis
Reid Reed Read
Phillips Philips
Thompson Thomson
Harrison Harison
Stevens Stephens
Pearce Pierce
Griffiths Griffith
Bailey Bayley
Webb Web
Barrett Barret
Dixon Dickson
Roger Rodger
Rogers Rodgers
Fisher Fischer
Lloyd Loyd
Moore More
Cook Cooke
Green Greene
Brown Browne
Smith Smyth
White Whyte
Gardner Gardiner
Burton Berton
Saunders Sanders
Chantelle Chantel Shantelle
Shanice Shaneice
Aaliyah Aliyah Alia
Jermaine Germaine
Isaiah Isiah
Malachi Malachy
Darnell Darnel
St.John Saint-John
Campbell Cambell
"""


def _groups() -> dict[str, tuple[str, ...]]:
    """Other spellings of each name; a name that stands in two lines has those of both."""
    found: dict[str, dict[str, None]] = {}
    for line in _SPELLINGS.strip().splitlines():
        names = line.split()
        for name in names:
            found.setdefault(name, {}).update(dict.fromkeys(names))
    return {name: tuple(n for n in names if n != name) for name, names in found.items()}


#: Name -> its other accepted spellings, in the order of the lines.
VARIANTS = _groups()
#: Endings that are written more than one way.
ENDINGS = {
    "ley": ("leigh",),
    "ski": ("ska", "sky"),
    "cki": ("cka",),
    "ński": ("nski", "nska"),
    "yk": ("ik",),
    "chuk": ("czuk", "chouk"),
    "jee": ("ji",),
    "wal": ("waal",),
    "swamy": ("swami", "samy"),
    "murthy": ("moorthy", "murthi"),
    "pillai": ("pillay",),
    "rajah": ("raja", "rasa"),
    "singhe": ("sinha", "singha"),
    "wardena": ("wardana", "wardene"),
    "ratne": ("ratna", "rathne"),
    "zadeh": ("zada", "zadah"),
    "zai": ("zay", "zi"),
    "pour": ("poor", "pur"),
    "oğlu": ("oglou",),
    "preet": ("prit",),
    "inder": ("ender",),
    "ou": ("u",),
}
#: Words of a name that are left out, or joined to the next; two more are only joined.
PARTICLES = frozenset({
    "al", "el", "ul", "bin", "ibn", "ben", "abu", "da", "de", "dos", "das", "di",
    "van", "von", "della", "dela", "del", "delos", "la", "le",
})  # fmt: skip
JOINED = PARTICLES | {"abd", "abdul"}

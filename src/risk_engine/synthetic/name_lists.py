# ruff: noqa: RUF001 - Turkish has a dotless i
"""First names and surnames of invented people by origin, written from general knowledge.

Within a list the earlier a name stands, the more people carry it. Lists alone would make too many
namesakes: in life a few names are everywhere and most are rare. So each origin has a long tail too,
composed from the parts that its names are made of, which gives some names that nobody bears.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True)
class Pool:
    """Names to draw from.

    Attributes
    ----------
    listed, tail
        Common names with the commonest first, and rare ones.
    rare
        Share of people with a name of the tail.
    level
        How alike in frequency the listed names are: the k-th has weight ``1 / (k + level)``.
    """

    listed: tuple[str, ...]
    tail: tuple[str, ...] = ()
    rare: float = 0.0
    level: float = 8.0


@dataclass(frozen=True)
class Origin:
    """Names that go together: first names of girls and boys, and surnames.

    Attributes
    ----------
    family_first
        The family name is said first at home, so that a clerk may take it for the first name.
    """

    female: Pool
    male: Pool
    surnames: Pool
    family_first: bool = False


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _joined(starts: str, ends: str, between: str = "") -> tuple[str, ...]:
    """Put each start before each end, in an order that mixes both; no letter stands three times."""
    both = product(starts.split(), ends.split())
    made = [f"{a}{between}{b}" for a, b in both if not b.lower().startswith(a.lower())]
    kept = {name for name in made if not any(3 * letter in name.lower() for letter in set(name))}
    return tuple(sorted(kept, key=lambda name: zlib.crc32(name.encode())))


def _doubled(names: str, between: str, each: int) -> tuple[str, ...]:
    """Join each name to a few others of the list."""
    words = names.split()
    pairs = [(a, words[(7 * n + 3 * k) % len(words)]) for n, a in enumerate(words)
             for k in range(1, each + 1)]  # fmt: skip
    made = {f"{a}{between}{b}" for a, b in pairs if a != b}
    return tuple(sorted(made, key=lambda name: zlib.crc32(name.encode())))


def _pool(listed: str, *tails: tuple[str, ...], rare: float = 0.0, level: float = 8.0) -> Pool:
    words = _names(listed)
    tail = dict.fromkeys(name for names in tails for name in names)
    return Pool(words, tuple(name for name in tail if name not in words), rare, level)


_BRITISH = (
    "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans "
    "Walker White Roberts Green Hall Wood Jackson Clarke Harris Lewis Turner Hill Cooper Ward "
    "Moore Morris Clark Lee King Baker Harrison Morgan Allen Scott Phillips Watson Parker "
    "Price Bennett Young Griffiths Mitchell Kelly Cook Carter Richardson Bailey Collins Bell "
    "Shaw Murphy Miller Cox Marshall Adams Ellis Webb Mills Barnes Knight Hunt Palmer Stevens "
    "Rogers Reid Gibson Fletcher Mason Pearce Dixon O'Brien O'Connor Fisher Barrett Lloyd "
    "Grant Holland Burton Fox Chapman Gardner Spencer Hawkins Saunders Newman Dawson Lane "
    "Stone Cole Rose Kemp Drake Pope Goddard Budd Light Cleal Primmer"
)
_PLACES = _joined(
    "Ash Al Ald Arl Bar Bas Beck Bent Ber Birk Black Bol Brad Bram Bran Brent Brom Brough Buck Bur "
    "Cal Carl Chad Charl Chil Clif Clay Col Comp Cor Cran Craw Crom Cul Dal Den Der Dud Dun East "
    "El Elm Ever Ews Far Fen Fern Fleet Frank Gar Gil Glas Graf Had Hal Ham Har Hart Hasel Hather "
    "Haver Hay Hazel Hel Hemp Hen Hey High Hin Hol Hor Horn Hough Hunt Hur Ing Ke Kel Ken Kim King "
    "Kirk Lam Lang Law Lin Lock Long Lud Mal Mans Mar Mel Mid Mil Mor Nor Nut Oak Old Os Ox Pad "
    "Pem Pen Pick Pres Rad Ram Raw Red Rip Rock Row Rush Sax Sel Sher Ship Shuttle Skel Stam Stan "
    "Stap Staple Stock Strat Sut Swin Tar Thorn Thur Tun Under Wake Wal War Wel West Whit Wick Win "
    "Wol Wood Wor Wy",
    "ton ford ley ham by wood worth well field bury burn combe den don dale ridge shaw croft gate "
    "hurst land low mere more stead stone thorpe water wick worthy",
)
_SONS = _joined(
    "Adam Ander Ben Daw Dick Ed Ferg Gib Gil Hob Hod Hop Hud Hut Jeff Jen Jame Lam Lar Law Mat Nel "
    "Nichol Pat Per Pet Rich Rob Roland Sam Sim Stephen Ste Thom Tom Wat Wil Will",
    "son sons kins kinson ett s",
)
_GAELIC = _joined(
    "Mc Mac",
    "Donald Carthy Kenzie Gregor Intyre Lean Leod Millan Namara Neil Pherson Phee Kay Kinnon "
    "Guire Grath Ginty Govern Ginley Fadden Ewan Elroy Dowell Dermott Cormack Connell Clure Cann "
    "Callum Cabe Bride Allister Auley Ardle Avoy Elhinney Evoy Garry Gill Gowan Hugh Innes Keown "
    "Laren Laughlin Mahon Manus Nally Quade Queen Quillan Rae Shane Sweeney Taggart Vey Whirter",
) + _joined(
    "O'",
    "Neill Reilly Sullivan Donnell Keefe Leary Hara Rourke Shea Toole Dwyer Grady Hanlon Kane "
    "Mahony Malley Meara Driscoll Callaghan Carroll Doherty Farrell Flaherty Gorman Halloran",
)
_RARE_BRITISH = (*_PLACES, *_SONS, *_GAELIC, *_doubled(_BRITISH, "-", 6))
_MUSLIM = (
    "Khan Ahmed Hussain Begum Ali Shah Rahman Akhtar Malik Miah Uddin Iqbal Chowdhury Mahmood "
    "Islam Hassan Mirza Qureshi Butt Sheikh Hussein Aslam Javed Ashraf Rashid Bibi Khatun Alam "
    "Haque Karim Siddiqui Ansari Awan Bhatti Chaudhry Raja Rafiq Saleem Sultana Zaman Yousaf"
)
_SOMALI = (
    "Mohamed Abdi Ali Hassan Ahmed Ibrahim Warsame Hussein Yusuf Omar Farah Abdullahi Jama Osman "
    "Nur Adan Ismail Elmi Guled Dahir Hersi Isse Abdirahman Mohamud Duale Hirsi Samatar Shire"
)
_ARAB = (
    "Hassan Sayed Mahmoud Hamdan Ibrahim Saleh Rashid Haddad Abdullah Nasser Karim Khalil Mansour "
    "Hussein Ahmad Masri Najjar Khatib Shami Jaber Said Salem Sharif Suleiman Tamimi Amin Aziz "
    "Bakri Darwish Farouk Ghanem Habib Hashemi Issa Jabbar Kadhim Othman Qasim Yousef Zayed Ziad"
)
_SPANISH = (
    "Garcia Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Díaz Torres Ramírez "
    "Flores Vargas Castro Rojas Ortiz Morales Herrera Mendoza Silva Pereira Álvarez Núñez Peña"
)
_AKAN = (
    "Mensah Owusu Boateng Asante Osei Appiah Addo Agyemang Amoah Ofori Sarpong Ansah Acheampong "
    "Bonsu Danquah Darko Frimpong Gyamfi Kyei Nkrumah Opoku Oppong Prempeh Quaye Sowah Tetteh "
    "Yeboah"
)

ORIGINS = {
    "british": Origin(
        _pool(
            "Olivia Amelia Emily Jessica Sophie Chloe Ella Grace Charlotte Mia Lucy Ruby Evie "
            "Daisy Poppy Freya Phoebe Isla Millie Megan Holly Lily Hannah Amy Rebecca Katie Lauren "
            "Georgia Bethany Abigail Ellie Molly Alice Eleanor Elizabeth Victoria Samantha "
            "Jennifer Natalie Zoe Kayleigh Paige Leah Imogen Florence Rosie Harriet Matilda "
            "Scarlett Sarah Laura Emma Rachel Nicola Claire Lisa Michelle Karen Susan Julie Helen "
            "Jacqueline Tracey Deborah Angela Amanda Louise Joanne Donna Kerry Stacey Gemma "
            "Danielle Kelly Hayley Kirsty Kimberley Jade Jodie Leanne Stephanie Catherine Caroline "
            "Anna Alexandra Naomi Ruth Esther Martha Eliza Maisie Lola Summer Skye Willow Ivy "
            "Elsie Rose Eva Isabelle Isabella Maya Erin Niamh Aoife Siobhan Caitlin Courtney Demi "
            "Shannon Tia Aimee Bryony Carys Rhiannon Sian Cerys Tamsin Verity Rowan Robyn Beatrice "
            "Edith Ada Lottie Nancy Penelope Darcey Thea Harper Esme Aria Ava Sienna Orla Eden "
            "Heidi Hope Tabitha Jemima Cordelia Clementine Philippa Annabel Francesca",
            _joined("Lily Ellie Anna Sarah Mary Amy Ella Gracie Ruby Lexi Bobbi Daisy",
                    "Mae May Rose Jane Louise Grace Marie Jo Leigh Anne", "-"),
            rare=0.04, level=20,
        ),
        _pool(
            "Oliver Jack Harry Thomas George William James Joshua Charlie Daniel Jacob Alfie "
            "Samuel Joseph Max Ethan Archie Luke Benjamin Alexander Matthew Ryan Liam Callum "
            "Connor Nathan Michael Christopher Robert David Andrew Stephen Anthony Edward Lewis "
            "Jamie Kieran Reece Bradley Jake Aaron Adam Toby Freddie Leo Riley Tyler Kai Mason "
            "Corey John Paul Mark Peter Simon Richard Ian Kevin Gary Steven Philip Martin Alan "
            "Neil Stuart Graham Nigel Keith Barry Darren Wayne Lee Craig Scott Dean Carl Shaun "
            "Jason Jonathan Nicholas Timothy Dominic Patrick Sean Owen Rhys Dylan Evan Gareth Huw "
            "Ewan Angus Fraser Hamish Rory Finlay Cameron Logan Brandon Jordan Kyle Declan Niall "
            "Cian Elliot Isaac Noah Henry Arthur Theodore Albert Stanley Ronnie Reggie Frankie "
            "Bobby Tommy Teddy Louie Jenson Jude Felix Hugo Rupert Sebastian Gabriel Zachary Ellis "
            "Blake Harvey Harley Harrison Morgan Joel Caleb Seth Ashley Leon Marcus Damian Adrian "
            "Geoffrey Roger Trevor Clive Derek Terence Leonard Ralph Barnaby Fergus",
            _joined("Alfie Tommy Billy Bobby Charlie Riley Freddie Teddy",
                    "Lee James Joe Jay John George Ray Jack", "-"),
            rare=0.03, level=20,
        ),
        _pool(_BRITISH, _RARE_BRITISH, rare=0.77),
    ),
    "polish": Origin(
        _pool(
            "Anna Zofia Maria Julia Oliwia Natalia Agnieszka Katarzyna Zuzanna Magdalena Monika "
            "Małgorzata Joanna Ewa Aleksandra Karolina Paulina Weronika Wiktoria Maja Hanna Lena "
            "Dorota Beata Iwona Justyna Kinga Łucja Gabriela Izabela Milena Nikola"
        ),
        _pool(
            "Jakub Szymon Łukasz Piotr Tomasz Mateusz Krzysztof Marek Paweł Michał Andrzej Adam "
            "Kacper Filip Antoni Jan Dawid Wojciech Grzegorz Sławomir Rafał Marcin Bartosz Kamil "
            "Dominik Oskar Igor Patryk Przemysław Zbigniew Mariusz Dariusz"
        ),
        _pool(
            "Kowalski Nowak Wiśniewski Wójcik Kamiński Zieliński Lewandowski Szymański Woźniak "
            "Dąbrowski Kozłowski Jankowski Mazur Kwiatkowski Krawczyk Kaczmarek Piotrowski "
            "Grabowski",
            _joined("Adam Bar Bieg Bog Bor Bród Chmiel Cich Czar Dan Dęb Dom Dur Fil Gał Gór Grom "
                    "Grzeg Jab Jag Jan Jas Kal Kar Kas Klim Kop Kos Kraj Kru Kul Lip Lis Łuk Maj "
                    "Mal Mar Mich Mil Nied Now Ol Osi Pal Paw Piet Rad Rog Rud Sad Sik Sob Stan "
                    "Tom Urb Wal Wil Wit Wol Zaw Żak",
                    "owski ewski iński icki czak czyk owicz"),
            rare=0.75,
        ),
    ),
    "romanian": Origin(
        _pool("Maria Elena Andreea Ioana Alexandra Mihaela Cristina Ana Daniela Gabriela Raluca "
              "Simona Bianca Roxana Oana Alina Florentina Ștefania Mădălina Denisa Larisa "
              "Loredana"),
        _pool("Andrei Ștefan Ionuț Alexandru Mihai Cristian Florin Gabriel Marius Adrian Bogdan "
              "Vlad Răzvan Cătălin Cosmin Constantin Gheorghe Nicolae Vasile Dragoș Sorin Lucian"),
        _pool(
            "Popescu Ionescu Popa Dumitru Radu Stan Stoica Gheorghe Matei Ciobanu Rusu Munteanu "
            "Marin Toma Lazăr Moldovan Ungureanu Pop Nistor Dinu",
            _joined("Alb Anton Barb Cost Crist Dan Diacon Dobr Dragh Enach Flor Georg Grigor Ilin "
                    "Ion Iord Lup Man Mar Mih Nicol Oprit Pan Petr Roș Sand Serb Stef Tom Ursul "
                    "Văcăr Vlad Zamfir",
                    "escu eanu oiu ache"),
            rare=0.7,
        ),
    ),
    "european": Origin(
        _pool("Maria Beatriz Inês Laura Chiara Giulia Viktoria Daria Oksana Olena Iryna Natalia "
              "Svetlana Tatiana Eszter Katalin Rasa Jurgita Živilė Sofia Marta Claudia Ingrid "
              "Zoë Chloé Amélie Françoise"),
        _pool("João Tiago José Pedro Marco Luca Giuseppe Viktor Dmytro Oleksandr Serhiy Yuriy "
              "László Gábor Zoltán Mindaugas Tomas Andrius Jānis Dimitar Georgi Carlos Miguel "
              "François René Jörg Søren Björn Giorgos"),
        _pool(
            "Silva Santos Ferreira Rossi Esposito Kovács Horváth Shevchenko Petrov Nagy Costa "
            "Oliveira Pereira Russo Ricci Müller Schneider Dubois Ivanov Dimitrov Papadopoulos",
            _joined("Bond Bor Demch Hon Ivan Kharch Klym Kov Krav Lys Marcz Mel Myron Pavl Petr "
                    "Rom Rud Sav Sem Serh Tar Tym Vas Yur Zah Zin",
                    "enko chuk iuk yk"),
            _joined("Georgie Hristo Ivano Nikolo Pavlo Petro Stoyano Todoro Vasile Yordano",
                    "v va"),
            _joined("da de dos", "Silva Costa Santos Sousa Rocha Cruz Reis Lima Melo Graça", " "),
            _joined("di De van Van von", "Luca Rosa Santo Marco Berg Dijk Leeuwen Acker", " "),
            _doubled("Silva Santos Ferreira Costa Oliveira Pereira Almeida Carvalho", " ", 6),
            rare=0.6,
        ),
    ),
    "pakistani_bangladeshi": Origin(
        _pool("Aisha Fatima Zara Maryam Ayesha Khadija Sana Hafsa Nusrat Tahmina Sumaiya Zainab "
              "Shabnam Nasreen Rukhsana Saima Sadia Samina Farzana Shazia Iqra Amina Aaliyah "
              "Rabia Noor Mariam Hira Mehwish Yasmin Parveen Shaheen Rahima Sultana Jannat"),
        _pool("Mohammed Muhammad Ali Ahmed Hassan Ibrahim Bilal Usman Imran Tariq Shahid Abdul "
              "Kamran Mohammad Hamza Yusuf Umar Omar Zain Adnan Asif Faisal Nadeem Khalid Rashid "
              "Shabir Zubair Saqib Waseem Arif Hussain Ismail Mustafa Shafiq Aziz Jamal Kabir",
              _joined("Mohammed Abdul Muhammad", "Ali Amin Rahim Karim Hamid Yusuf Aziz", " "),
              rare=0.08, level=2),
        _pool(_MUSLIM, _doubled(_MUSLIM, " ", 5),
              _names("Howlader Talukdar Sarkar Bhuiyan Mollah Sikder Biswas Gazi Munshi Khandaker "
                    "Majumder Patwary Laskar Paracha Durrani Afridi Khattak Abbasi Gilani Kazmi "
                    "Naqvi Rizvi Bukhari Hashmi Farooqi Usmani Pirzada Baig Lodhi Tanoli"),
              rare=0.25, level=4),
    ),
    "punjabi": Origin(
        _pool("Harpreet Simran Jasmine Manpreet Gurpreet Kiran Amandeep Navdeep Rajvir Jaspreet "
              "Sukhdeep Parminder Baljit Kulwinder Ravinder Satinder Jasleen Gurleen Avneet Anika"),
        _pool("Harjit Gurpreet Amar Rajinder Jaspreet Manjit Sukhdev Balvinder Harpreet Amrit "
              "Jagdeep Paramjit Kuldip Ranjit Surjit Tejinder Arjan Karan Jaskaran Mandeep"),
        _pool(
            "Singh Kaur Gill Sandhu Dhillon Sidhu Grewal Bains Sharma Kumar Johal Atwal Virk Brar",
            _joined("Singh Kaur",
                    "Gill Sandhu Dhillon Sidhu Grewal Bains Johal Atwal Virk Brar", " "),
            _names("Dhaliwal Sahota Sohal Purewal Cheema Chahal Randhawa Mann Bassi Bhogal Chana "
                  "Deol Ghuman Hayer Jandu Kalsi Matharu Nijjar Panesar Rai Sagoo Thandi Uppal "
                  "Aujla Badesha Chohan Dosanjh Kang Lally Malhi Sangha Toor"),
            rare=0.4, level=0.5,
        ),
    ),
    "gujarati": Origin(
        _pool("Priya Anjali Neha Pooja Riya Meera Nisha Hetal Bhavna Jaya Kavita Sunita Shreya "
              "Diya Aarti Sonal Krupa Mital Pallavi Rekha Swati Varsha Vaishali Ishani Lakshmi"),
        _pool("Arjun Rohan Rahul Vikram Amit Sanjay Rajesh Nilesh Hitesh Jayesh Kunal Dev Aarav "
              "Nikhil Krishna Mahesh Pradeep Sunil Vijay Anil Ashok Bharat Chirag Deepak Harsh"),
        _pool(
            "Patel Shah Sharma Kumar Desai Mistry Joshi Mehta Parmar Solanki Gupta Chauhan Verma "
            "Rao Thakkar Trivedi Pandya Vyas Bhatt Modi",
            _joined("Bhatta Banner Mukher Chatter Chakra Agar Khandel Oswal Gan",
                    "jee ji charya varty wal guly"),
            _names("Amin Bhagat Chavda Chokshi Dalal Dave Gandhi Gohil Jadeja Kapadia Kapoor Lad "
                  "Makwana Malhotra Merchant Naik Nayak Parekh Parikh Pathak Rathod Sheth Soni "
                  "Tailor Vaghela Zaveri Das Dutta Ghosh Bose Sen Roy Iyer Kulkarni"),
            rare=0.35, level=1.5,
        ),
    ),
    "south_indian": Origin(
        _pool("Lakshmi Divya Kavya Anitha Deepa Sangeetha Nithya Priyanka Sithara Tharani Dilani "
              "Shanthi Ramya Revathi Thushara Nirmala Jeyanthi Malathi Keerthana Abirami Reshma"),
        _pool("Suresh Ramesh Karthik Pradeep Arun Vignesh Dinesh Ganesh Kumaran Sanjeewa Roshan "
              "Thomas Jacob Mathew Biju Nuwan Chaminda Prasanna Senthil Murali Siva Nadarajah"),
        _pool(
            "Perera Fernando Silva Nair Thomas Mathew Joseph Pillai Menon Varghese George Kumar "
            "Reddy Rajan Krishnan Raman Jayasinghe Dissanayake Kurian Cherian",
            _joined("Rama Krishna Subra Venkata Siva Bala Chandra Raja Maha Nara Surya Guna Jeya "
                    "Maniv Thiru Jaga Shanmuga Yoga Kana",
                    "kumar nathan murthy swamy raman lingam rajah chandran pillai thas"),
            _joined("Wickrama Jaya Guna Rana Sena Abey Amara Weera Dharma Karuna Rat Wijey Ekana",
                    "singhe wardena ratne sekera tilleke nayake tunga"),
            _joined("de", "Silva Mel Alwis Zoysa Costa Saram", " "),
            rare=0.6,
        ),
    ),
    "nepali": Origin(
        _pool("Sita Gita Maya Sunita Anita Bimala Laxmi Puja Asmita Sabina Rekha Kamala Sarita "
              "Manisha Prakriti Susmita Binita Roshani Nirmala Devi Samjhana Deepa"),
        _pool("Ram Hari Krishna Bishnu Prakash Suman Bikash Dipak Santosh Rajesh Nabin Kiran "
              "Sagar Bijay Dhan Man Tek Padam Lal Buddhi Kumar Ashish Prabin Sandesh",
              _joined("Ram Hari Dhan Man Tek Lal Padam Krishna", "Bahadur Prasad Kumar", " "),
              rare=0.3),
        _pool("Gurung Thapa Rai Limbu Tamang Magar Shrestha Pun Ghale Sherpa Karki Basnet Lama "
              "Adhikari Chhetri Khadka Bhandari Poudel Sharma Subedi Acharya Ghimire Maharjan "
              "Neupane Pradhan Rana Regmi Tiwari Upreti", level=2),
    ),
    "chinese": Origin(
        _pool("Mei Ling Xin Yan Jia Wai-Ling Grace Amy Emily Ying Fang Hui Lan Jing Na Yu Vivian",
              _joined("Xiao Li Mei Jia Yu Xin Ya Zi Shu Hui Jing",
                      "Ling Fang Yan Na Hua Ting Yun Qing Wen Min Hong Juan", "-"),
              _joined("Wai Ka Siu Mei Pui Yuk Suk Wing Lai",
                      "Ling Yan Wah Fong Kuen Ching Man", "-"),
              rare=0.6),
        _pool("Wei Jun Ming Chi-Wai Hao Kevin Tony Jason Lei Feng Jie Bo Tao Peng Long Yi Eric",
              _joined("Jian Zhi Xiao Guo Jun Wen Ming Zi Hao Yong Wei",
                      "Hua Ming Jun Qiang Wei Feng Lin Hong Guo Bin Peng Yang", "-"),
              _joined("Chi Ka Wing Kwok Siu Tak Chun Ho Man",
                      "Wai Ming Keung Ho Fai Kit Lok Hung", "-"),
              rare=0.6),
        _pool("Chen Wong Li Wang Zhang Cheung Liu Lam Chan Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu "
              "Lau Leung Ng Ho Cheng Tang Lai Yip Kwok Tsang Xie Guo Lin Feng Deng Cao Peng Zeng "
              "Xiao Tian Yuan Dong Pan Yu Jiang Cai Jia Ding Wei Fung Poon Tse Yeung Chow Hui Mok",
              level=4),
        family_first=True,
    ),
    "vietnamese": Origin(
        _pool("Thuy Linh Lan Huong Mai Phuong Trang Hoa Nga Hanh Thao Ngoc Anh Yen Tuyet Bich",
              _joined("Thi Ngoc Thu Minh", "Lan Hoa Mai Anh Thuy Huong Nga Ha", " "), rare=0.4),
        _pool("Minh Duc Tuan Hung Dung Thanh Quang Long Nam Hieu Huy Khanh Phuc Son Tien Bao",
              _joined("Van Duc Quoc Minh", "Hung Tuan Long Nam Thanh Hai Cuong", " "), rare=0.4),
        _pool("Nguyen Tran Le Pham Hoang Phan Vu Dang Bui Do Ho Ngo Duong Ly Trinh Dinh Vo Truong "
              "Luong Cao", level=1),
        family_first=True,
    ),
    "filipino": Origin(
        _pool("Maricel Grace Angelica Jennifer Michelle Rowena Cristina Jocelyn Rosario Analyn",
              _joined("Mary Maria Ana", "Grace Joy Cristina Ann Rose Theresa Luz", " "), rare=0.35),
        _pool("Jose Paolo Mark Ronald Jerome Rommel Reynaldo Eduardo Rodel Jayson",
              _joined("John Mark Jose Juan", "Paul Anthony Joseph Carlo Miguel Vincent", " "),
              rare=0.35),
        _pool("Santos Reyes Cruz Bautista Garcia Ocampo Mendoza Torres Aquino Ramos Villanueva "
              "Castillo Rivera Flores Navarro Mercado Dizon Tolentino Salazar Magno Pascual",
              _joined("de dela delos", "Cruz Santos Reyes Leon Rosa Vega Guzman Pena", " "),
              rare=0.15),
    ),
    "japanese_korean": Origin(
        _pool("Sakura Yuki Hyejin Aoi Haruka Yoko Naoko Min-Ji Ji-Woo Soo-Jin Eun-Ji Hana Keiko"),
        _pool("Kenji Hiroshi Jin-Woo Takashi Daiki Haruto Min-Jun Sung-Ho Joon-Ho Ji-Hoon Satoshi"),
        _pool("Tanaka Kim Park Choi Jung Suzuki Sato Takahashi Watanabe Ito Kang Yoon Jang Lim",
              _joined("Yama Taka Naka Mori Ishi Matsu Kawa Fuji Ko Oka Kita Mina Hara Miya Shima",
                      "moto da guchi hashi mura shita saki no ta oka"), rare=0.4),
        family_first=True,
    ),
    "nigerian": Origin(
        _pool("Blessing Grace Precious Chiamaka Esther Temitope Adaeze Faith Favour Joy Funmilayo "
              "Ngozi Chioma Ifeoma Folake Yetunde Titilayo Oluwaseyi Aisha Zainab Mercy Gloria",
              _joined("Oluwa Chi Ife Ade Tolu Ola", "tosin dinma yinka ola bukola nonso mide", ""),
              rare=0.3),
        _pool("Emmanuel Samuel Daniel Chidi Oluwaseun Tunde Emeka Isaac David Michael Victor "
              "Chukwuemeka Obinna Ikechukwu Babatunde Olumide Kayode Ibrahim Musa Gbenga Segun",
              _joined("Olu Oluwa Chukwu Ade Ife Ayo", "dare emeka wole ma niyi ji segun bunmi", ""),
              rare=0.3),
        _pool(
            "Okafor Adeyemi Okonkwo Balogun Eze Ibrahim Okeke Obi Nwosu Afolabi Bello Musa Lawal",
            _joined("Ade Ola Olu Ayo Oye Akin Ogun Odu Fa Owo Ojo Omo Awo Oke",
                    "yemi bayo wale tunde sola leke niyi dele funmi kunle lowo sanya yinka bode "
                    "sina nuga gbemi bisi"),
            _joined("Nwa Oko Chukwu Ani Eke Onye Ugwu Obi Nna Ike Uzo",
                    "chukwu nkwo ora ma eze agu chi ka ji nma wuike"),
            rare=0.75,
        ),
    ),
    "ghanaian": Origin(
        _pool("Abena Grace Akosua Esther Ama Afia Mary Comfort Adwoa Mercy Efua Akua Yaa Abigail"),
        _pool("Kwame Kofi Emmanuel Samuel Kwabena Yaw Kwaku Isaac Daniel Kwasi Ebenezer Joseph"),
        _pool(_AKAN, _doubled(_AKAN, "-", 5), rare=0.25),
    ),
    "somali": Origin(
        _pool("Hodan Ifrah Amina Hibo Fadumo Khadija Sahra Halima Maryan Asha Hawa Nimco Ayan "
              "Ubah Zahra Faiza Deqa Idil Saido Naima"),
        _pool("Abdi Mohamed Yusuf Ahmed Ali Hassan Abdullahi Omar Ibrahim Abdirahman Mahad Ismail "
              "Farah Liban Khadar Mustafa Guled Hussein Bashir Zakariya Sakariye", level=4),
        _pool(_SOMALI, _doubled(_SOMALI, " ", 8), rare=0.45, level=4),
    ),
    "zimbabwean": Origin(
        _pool("Nyasha Faith Precious Ruth Naomi Rudo Chipo Tendai Tsitsi Memory Patience Thandiwe "
              "Nomsa Sibongile Rumbidzai Vimbai Grace Ruvimbo Lindiwe Fatou Isatou Adama"),
        _pool("Tendai Tawanda Kelvin Farai Tatenda Tinashe Blessing Simba Sipho Bongani Themba "
              "Kudzai Munyaradzi Takudzwa Brian Innocent Lamin Modou Ousman Alhagie"),
        _pool(
            "Moyo Ncube Sibanda Dube Ndlovu Mpofu Sesay Kamara Nyoni Khumalo Jallow Ceesay Banda",
            _joined("Mu Chi Ma Nya Mata Mudzi Gwa Zhu",
                    "konda reva gumbo komo zanga tsika mbira rira wanda shava chena simba "
                    "tema roro"),
            rare=0.6,
        ),
    ),
    "caribbean": Origin(
        _pool("Shanice Jada Tiana Aaliyah Chantelle Kezia Simone Michelle Naomi Leah Destiny Renee "
              "Shanelle Tanisha Monique Latoya Yvonne Marcia Beverley Sharon Jasmine Ebony",
              _joined("Sha Ty La Ke Ja De", "nia nelle kira rice neka shae mara", ""), rare=0.15),
        _pool("Jerome Tyrone Marcus Andre Jermaine Leon Darnell Malachi Isaiah Nathaniel Theo "
              "Curtis Dwayne Errol Winston Delroy Jordan Kyron Tyrell Reuben Elijah Micah",
              _joined("De Ty Ja Ke Sha Mar", "shawn rell von quan mari vonte", ""), rare=0.12),
        _pool("Campbell Williams Brown Francis Gordon Thomas Morgan Powell Grant Reid Bailey Henry "
              "Samuels Clarke Edwards Joseph Charles St.John Johnson Lewis Stewart Blake Douglas "
              "Graham Palmer Simpson Walters Whyte Wright Gayle", _RARE_BRITISH, rare=0.5),
    ),
    "arab": Origin(
        _pool("Layla Noor Fatimah Rania Yasmin Huda Maryam Salma Aya Sara Zainab Hanan Amal Reem "
              "Nadia Samira Iman Dina Rana Lina Khadijah Sumaya Hala Abeer Nour Asma"),
        _pool("Omar Ahmad Khalid Youssef Karim Mustafa Hamza Ali Mohammad Abdullah Hassan Hussein "
              "Ibrahim Tarek Bilal Mahmoud Samir Walid Anas Yasser Jamal Ziad Faisal Nasser",
              _joined("Abdul Abd", "Rahman Aziz Karim Rahim Latif Qadir", "-"), rare=0.1, level=5),
        _pool(_ARAB, _joined("Al El", _ARAB, "-"), _joined("bin Abu", _ARAB, " "),
              _doubled(_ARAB, " ", 4), rare=0.65),
    ),
    "turkish_kurdish": Origin(
        _pool("Zeynep Elif Shilan Roza Ayşe Fatma Emine Merve Büşra Özlem Gülşen Dilan Berivan"),
        _pool("Emre Mehmet Rebin Azad Mustafa Ahmet Murat Hüseyin Çağrı Oğuz Barış Serkan Karwan "
              "Dilshad Rêber Hakan Yiğit"),
        _pool("Yilmaz Demir Kaya Şahin Çelik Yıldız Öztürk Aydın Özdemir Arslan Doğan Kılıç Aslan",
              _joined("Öz Kara Ak Yıl Gün Er Bay Demir Gök Taş Kor",
                      "türk demir taş maz doğan kan oğlu tekin can bulut kaya"), rare=0.6),
    ),
    "persian": Origin(
        _pool("Fatemeh Zahra Maryam Narges Shirin Leila Parisa Mina Farzaneh Roya Shabana Nazanin"),
        _pool("Mohammad Reza Ali Hossein Mehdi Amir Farhad Javad Behzad Ahmad Najib Zabihullah "
              "Hamid Omid Nasrullah Matiullah"),
        _pool("Ahmadi Hosseini Mohammadi Karimi Rezaei Rahimi Moradi Jafari Hashemi Noori Safi "
              "Stanikzai Wardak Amiri",
              _joined("Ahmad Karim Rahim Hassan Hossein Yusuf Moham Ibrahim Omar Jafar Nazar",
                      "zai zadeh pour nejad i ian khil"), rare=0.6),
    ),
    "latin": Origin(
        _pool("Mariana Camila María Ana Valentina Daniela Gabriela Luciana Sofía Juliana Andrea",
              _joined("María Ana", "José Fernanda Isabel Luisa Paula", " "), rare=0.25),
        _pool("Diego Mateo Juan Carlos Andrés Santiago José Luis Rafael Felipe Sebastián Thiago",
              _joined("Juan José Luis", "Carlos Pablo Manuel Felipe Antonio", " "), rare=0.25),
        _pool(_SPANISH, _doubled(_SPANISH, " ", 12), rare=0.6),
    ),
}  # fmt: skip

#: Origins within each ethnic group, and their shares (assumed). People recorded as Mixed draw a
#: first name and a surname from these origins apart.
GROUP_ORIGINS = {
    "Asian": {
        "pakistani_bangladeshi": 0.33, "punjabi": 0.12, "gujarati": 0.13, "south_indian": 0.10,
        "nepali": 0.10, "chinese": 0.10, "vietnamese": 0.03, "filipino": 0.06,
        "japanese_korean": 0.03,
    },
    "Black": {
        "nigerian": 0.25, "ghanaian": 0.15, "somali": 0.12, "zimbabwean": 0.20, "caribbean": 0.28,
    },
    "Mixed": {
        "british": 0.60, "caribbean": 0.15, "nigerian": 0.06, "somali": 0.02, "zimbabwean": 0.02,
        "pakistani_bangladeshi": 0.08, "gujarati": 0.03, "chinese": 0.04,
    },
    "Other": {"arab": 0.50, "turkish_kurdish": 0.22, "persian": 0.13, "latin": 0.15},
    "White": {"british": 0.92, "polish": 0.03, "romanian": 0.02, "european": 0.03},
}  # fmt: skip

NICKNAMES = {
    "Michael": "Mike", "Christopher": "Chris", "Robert": "Bob", "David": "Dave",
    "Andrew": "Andy", "Stephen": "Steve", "Steven": "Steve", "Anthony": "Tony", "Edward": "Ted",
    "William": "Bill", "Thomas": "Tom", "Joshua": "Josh", "Samuel": "Sam", "Joseph": "Joe",
    "Benjamin": "Ben", "Alexander": "Alex", "Matthew": "Matt", "Daniel": "Danny",
    "Charlie": "Charles", "Harry": "Henry", "Jack": "John", "Richard": "Rick", "James": "Jim",
    "Nicholas": "Nick", "Jonathan": "Jon", "Timothy": "Tim", "Philip": "Phil", "Zachary": "Zac",
    "Rebecca": "Becky", "Elizabeth": "Liz", "Victoria": "Vicky", "Samantha": "Sam",
    "Jennifer": "Jenny", "Jessica": "Jess", "Abigail": "Abi", "Eleanor": "Ellie",
    "Bethany": "Beth", "Katie": "Kate", "Catherine": "Cathy", "Stephanie": "Steph",
    "Deborah": "Debbie", "Susan": "Sue", "Jacqueline": "Jackie", "Amanda": "Mandy",
    "Isabella": "Bella", "Francesca": "Fran", "Philippa": "Pippa", "Alexandra": "Alex",
    "Mohammed": "Mo", "Muhammad": "Mo", "Abdullahi": "Abdi", "Abdirahman": "Abdi",
    "Emmanuel": "Manny", "Nathaniel": "Nathan", "Oluwaseun": "Seun", "Temitope": "Temi",
    "Babatunde": "Tunde", "Chukwuemeka": "Emeka", "Ikechukwu": "Ike", "Olumide": "Mide",
    "Alexandru": "Alex", "Katarzyna": "Kasia", "Małgorzata": "Gosia", "Agnieszka": "Aga",
    "Aleksandra": "Ola", "Magdalena": "Magda", "Krzysztof": "Krzys", "Tomasz": "Tomek",
    "Oleksandr": "Sasha", "Gurpreet": "Guri", "Harpreet": "Happy", "Ionuț": "Ion",
}  # fmt: skip

/**
 * What everybody tries first (NIST SP 800-63B-4 §3.1.1.2), eight characters or more, lower case: from the published lists
 * of most used passwords, in French and in English, and words of this place. No composition rules beside it.
 */

export const commonSecrets: ReadonlySet<string> = new Set(
  `12345678 123456789 1234567890 0123456789 12345678910 123123123 11111111 111111111 1111111111 00000000 000000000
  0000000000 22222222 55555555 66666666 77777777 88888888 99999999 987654321 9876543210 87654321 12341234 11223344
  112233445566 123321123 147258369 147852369 159753159753 123654789 741852963 789456123 456789123 1q2w3e4r 1q2w3e4r5t
  1qaz2wsx 1qaz2wsx3edc 1qazxsw2 zaq12wsx zaq1zaq1 q1w2e3r4 q1w2e3r4t5 qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234
  qwerty12345 asdfghjk asdfghjkl zxcvbnm1 zxcvbnm123 azertyui azertyuiop azerty12 azerty123 azerty1234 azerty12345 azerty31
  azertyui1 qsdfghjk qsdfghjklm wxcvbn123 aqwzsxedc aqwzsx123 1a2z3e4r 1a2b3c4d a1b2c3d4 a1z2e3r4 a1z2e3r4t5 abcd1234
  abc12345 abcdefgh abcdefghi aaaaaaaa password password1 password12 password123 password1234 passw0rd p@ssword p@ssw0rd
  pa55word passwort passpass password! password1! motdepasse motdepasse1 motdepasse123 monmotdepasse mot2passe motdepass
  letmein1 letmein123 welcome1 welcome123 welcome2024 welcome2025 welcome2026 bienvenue bienvenue1 bienvenue123 bonjour1
  bonjour12 bonjour123 bonjour1234 iloveyou iloveyou1 jetaime1 jetaime123 jetaime2 jetadore trustno1 trustnoone sunshine
  sunshine1 princess princess1 princesse princesse1 football football1 baseball baseball1 basketball superman superman1
  batman123 pokemon1 pokemon123 starwars starwars1 dragon123 monkey123 shadow123 master123 michael1 jennifer jessica1
  charlie1 computer computer1 internet internet1 whatever samsung1 samsung123 marseille marseille13 olympique parissg1
  psg75000 doudou12 doudou123 loulou12 loulou123 chouchou chocolat chocolat1 chocolate soleil123 soleil12 nicolas1
  nicolas123 camille1 camille123 alexandre alexandra caroline isabelle catherine stephanie christophe christine dominique
  philippe frederic sebastien guillaume valentin juliette elizabeth administrator admin123 admin1234 admin12345
  administrateur changeme changeme1 changezmoi changermoi default1 temporaire temporary provisoire test1234 test12345
  testtest testing123 secret123 secret1234 secretaire secretaire1 secretariat cabinet1 cabinet123 cabinetmedical medecin1
  medecin123 medecine docteur1 docteur123 docteur2024 docteur2025 docteur2026 infirmier infirmiere infirmiere1 pharmacie
  pharmacie1 hopital1 hopital123 clinique clinique1 clinique123 sante123 sante2024 sante2025 sante2026 patient1 patient123
  medical1 medical123 vitale123 cartevitale doctolib doctolib1 carecare garde123 garde1234 gardegarde hello123 hello1234
  mynoob123 blink182 linkedin facebook facebook1 google123 liverpool liverpool1 arsenal1 chelsea1 manchester barcelona
  juventus realmadrid mercedes corvette ferrari1 porsche1 michelle danielle jonathan alexander benjamin victoria maverick
  midnight cheese12 hannah12 butterfly cookie123 summer123 winter123 spring123 autumn123 janvier1 fevrier1 septembre
  octobre1 novembre decembre january1 december november september printemps hiver2024 hiver2025 hiver2026 ete2024! ete2025!
  france98 france2024 france2025 france2026 paris2024 lyon2024 vacances vacances1 liberte1 bretagne bretagne1 toulouse
  toulouse31 bordeaux bordeaux33 montpellier strasbourg marieange jeanpaul jeanmarie jeanpierre mariepierre annemarie`
    .split(/\s+/)
    .filter(Boolean),
)

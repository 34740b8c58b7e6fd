/** What invented records are made of. Names are common French ones drawn apart from each other; nobody is meant. */

export const familyNames =
  'Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefebvre Leroy Roux David Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Muller Lefevre Faure Andre Mercier Blanc Guerin Boyer Garnier Chevalier Francois Legrand Gauthier Garcia Perrot Haddad Nguyen Traoré Benali Da-Silva Kowalski Lopez Hamdi Diallo'.split(
    ' ',
  )

export const givenNames = {
  female:
    'Marie Jeanne Louise Alice Chloé Emma Léa Manon Camille Sarah Inès Jade Lina Anaïs Margaux Nathalie Isabelle Sylvie Catherine Monique Françoise Aïcha Fatou Linh'.split(
      ' ',
    ),
  male: 'Jean Pierre Michel Alain Philippe Nicolas Julien Thomas Lucas Hugo Louis Gabriel Arthur Adam Mohamed Mehdi Antoine Maxime Paul Bernard Gérard René Mamadou Minh'.split(
    ' ',
  ),
} as const

export interface Measure {
  code: string
  fr: string
  unit: string
  low: number
  high: number
  /** Of one hundred patients, how many have it. */
  often: number
  decimals: 0 | 1
}

/** LOINC. */
export const measures: readonly Measure[] = [
  { code: '29463-7', fr: 'Poids', unit: 'kg', low: 48, high: 104, often: 90, decimals: 1 },
  { code: '8867-4', fr: 'Fréquence cardiaque', unit: '/min', low: 54, high: 98, often: 70, decimals: 0 },
  { code: '8310-5', fr: 'Température', unit: '°C', low: 36, high: 39, often: 40, decimals: 1 },
  { code: '4548-4', fr: 'Hémoglobine glyquée (HbA1c)', unit: '%', low: 5, high: 9, often: 35, decimals: 1 },
  { code: '2339-0', fr: 'Glycémie', unit: 'g/L', low: 0.7, high: 1.6, often: 35, decimals: 1 },
  { code: '59408-5', fr: 'Saturation en oxygène', unit: '%', low: 92, high: 100, often: 30, decimals: 0 },
  {
    code: '8480-6',
    fr: 'Pression artérielle systolique',
    unit: 'mmHg',
    low: 104,
    high: 164,
    often: 80,
    decimals: 0,
  },
]

export interface Illness {
  /** ICD-10. */
  code: string
  fr: string
  /** What is prescribed for it. */
  medicine?: { fr: string; dosage: string }
}

export const illnesses: readonly Illness[] = [
  {
    code: 'I10',
    fr: 'Hypertension artérielle',
    medicine: { fr: 'Amlodipine 5 mg', dosage: '1 comprimé le matin' },
  },
  {
    code: 'E11',
    fr: 'Diabète de type 2',
    medicine: { fr: 'Metformine 850 mg', dosage: '1 comprimé matin et soir' },
  },
  { code: 'J45', fr: 'Asthme', medicine: { fr: 'Salbutamol 100 µg', dosage: '1 à 2 bouffées si besoin' } },
  {
    code: 'M54',
    fr: 'Lombalgie',
    medicine: { fr: 'Paracétamol 1 g', dosage: '1 comprimé, 3 fois par jour au plus' },
  },
  {
    code: 'E78',
    fr: 'Hypercholestérolémie',
    medicine: { fr: 'Atorvastatine 20 mg', dosage: '1 comprimé le soir' },
  },
  {
    code: 'J30',
    fr: 'Rhinite allergique',
    medicine: { fr: 'Cétirizine 10 mg', dosage: '1 comprimé le soir' },
  },
  { code: 'F41', fr: 'Trouble anxieux' },
  {
    code: 'G43',
    fr: 'Migraine',
    medicine: { fr: 'Ibuprofène 400 mg', dosage: '1 comprimé en début de crise' },
  },
  { code: 'L97', fr: 'Plaie chronique de jambe' },
  { code: 'M17', fr: 'Arthrose du genou' },
]

export const visits = [
  'Consultation',
  'Renouvellement d’ordonnance',
  'Soins à domicile',
  'Vaccination',
  'Suivi',
] as const
export const documents = [
  { code: '11502-2', fr: 'Compte rendu de laboratoire' },
  { code: '34133-9', fr: 'Synthèse médicale' },
  { code: '57133-1', fr: 'Lettre d’adressage' },
] as const

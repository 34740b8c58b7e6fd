import { expect, test } from 'vitest'
import { allScopeWords, scopeWords } from './scope-words.ts'

test.each([
  ['openid', 'savoir qui vous êtes', 'know who you are'],
  ['launch/patient', 'vous demander de choisir un patient', 'ask you to choose a patient'],
  ['user/Patient.rs', 'lire, rechercher l’identité des patients', 'read, search patient identities'],
  [
    'user/*.cruds',
    'créer, lire, modifier, supprimer, rechercher tous les types de dossiers',
    'create, read, change, delete, search all kinds of records',
  ],
  ['user/Basic.r', 'lire les dossiers Basic', 'read Basic records'],
  [
    'patient/Observation.rs?category=vital-signs',
    'lire, rechercher les mesures et observations, du seul patient choisi, seulement category=vital-signs',
    'read, search measurements and observations, of the chosen patient only, only category=vital-signs',
  ],
  ['agenda.read', 'utiliser le droit «\u00a0agenda.read\u00a0»', 'use the right “agenda.read”'],
  ['toString', 'utiliser le droit «\u00a0toString\u00a0»', 'use the right “toString”'],
  ['user/constructor.r', 'lire les dossiers constructor', 'read constructor records'],
])('%s in words', (scope, french, english) => {
  expect([scopeWords('fr', scope), scopeWords('en', scope)]).toEqual([french, english])
})

test('a scope named twice is said once', () => {
  expect(allScopeWords('en', 'openid profile openid')).toEqual([
    'know who you are',
    'see your name and language',
  ])
})

/** Resources in memory, by type and id, indexed by whom they are about. Versions count from 1; the last one is kept. */

import { Fault, isId, type Resource, type Stored } from './fhir.ts'
import { localReference } from './references.ts'
import { referenceString } from './matching.ts'
import { findParameter, isServed, valuesAt } from './search-parameters.ts'

type Shelf = Map<string, Stored>

export interface Store {
  find(type: string, id: string): Stored | undefined
  /** Refuses 404, or 410 where it was deleted. */
  require(type: string, id: string): Stored
  /** In the order they were first put. */
  all(type: string): Stored[]
  /** Those of one type about one patient (`Patient/p1`). */
  about(type: string, patient: string): Stored[]
  put(resource: Resource & { id: string }): Stored
  create(resource: Resource): Stored
  remove(type: string, id: string): void
  /** All or nothing: whatever `change` throws, nothing of it stays. */
  atomically<T>(change: () => T): T
}

export function createStore(base: string, now: () => Date): Store {
  let shelves = new Map<string, Shelf>()
  let patients = new Map<string, Set<string>>()
  let versions = new Map<string, number>()
  let created = new Map<string, number>()

  const shelf = (type: string): Shelf => {
    if (!isServed(type)) throw new Fault(404, 'not-supported', 'this server does not hold that type')
    const found = shelves.get(type) ?? new Map<string, Stored>()
    shelves.set(type, found)
    return found
  }
  const index = (stored: Stored, change: (ids: Set<string>) => void) => {
    for (const patient of patientsOf(stored, base)) {
      const ids = patients.get(key(stored.resourceType, patient)) ?? new Set<string>()
      patients.set(key(stored.resourceType, patient), ids)
      change(ids)
    }
  }
  const store: Store = {
    find: (type, id) => shelf(type).get(id),
    require: (type, id) => {
      const found = shelf(type).get(id)
      if (found) return found
      throw versions.has(`${type}/${id}`)
        ? new Fault(410, 'deleted', 'it was deleted')
        : new Fault(404, 'not-found', 'there is no such resource')
    },
    all: (type) => [...shelf(type).values()],
    about: (type, patient) =>
      [...(patients.get(key(type, patient)) ?? [])].flatMap((id) => shelf(type).get(id) ?? []),
    put: (resource) => {
      if (!isId(resource.id)) throw new Fault(400, 'invalid', 'expected an id of FHIR’s form')
      const held = shelf(resource.resourceType)
      const name = `${resource.resourceType}/${resource.id}`
      const version = (versions.get(name) ?? 0) + 1
      const meta = {
        ...resource.meta,
        versionId: String(version),
        lastUpdated: resource.meta?.lastUpdated ?? now().toISOString(),
      }
      const stored: Stored = { ...resource, meta }
      const before = held.get(resource.id)
      if (before) index(before, (ids) => ids.delete(resource.id))
      versions.set(name, version)
      held.set(resource.id, stored)
      index(stored, (ids) => ids.add(resource.id))
      return stored
    },
    create: (resource) => {
      const held = shelf(resource.resourceType)
      let number = created.get(resource.resourceType) ?? 0
      let id: string
      do id = `n${++number}`
      while (held.has(id))
      created.set(resource.resourceType, number)
      return store.put({ ...resource, id })
    },
    remove: (type, id) => {
      const before = shelf(type).get(id)
      if (!before) return
      index(before, (ids) => ids.delete(id))
      shelf(type).delete(id)
    },
    atomically: (change) => {
      const copy = [
        new Map([...shelves].map(([type, held]) => [type, new Map(held)])),
        new Map([...patients].map(([name, ids]) => [name, new Set(ids)])),
        new Map(versions),
        new Map(created),
      ] as const
      try {
        return change()
      } catch (error) {
        ;[shelves, patients, versions, created] = copy
        throw error
      }
    },
  }
  return store
}

const key = (type: string, patient: string) => `${type} ${patient}`

/** The patients a resource is about, by its `patient` search parameter; none for a type without one. */
function patientsOf(stored: Stored, base: string): string[] {
  const parameter = findParameter(stored.resourceType, 'patient')
  if (!parameter) return []
  return valuesAt(stored, parameter).flatMap((value) => {
    const local = localReference(referenceString(value) ?? '', base)
    return local?.startsWith('Patient/') ? [local] : []
  })
}

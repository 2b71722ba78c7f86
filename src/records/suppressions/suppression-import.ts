// SPDX-License-Identifier: Apache-2.0
/**
 * Very many suppressions at once, in parts. Nothing of an import counts before it is finished, and then all of it does; what
 * an import that was given up, or whose process ended, has left is removed.
 */
import { hours, plus } from '../../base/brand.ts'
import { encodeCrockford } from '../../base/crockford.ts'
import { RelayError } from '../../base/errors.ts'
import { suppressionLimits } from '../../base/limits/record-limits.ts'
import type { RecordsContext } from '../records-context.ts'
import { reaches, type TenantScope } from '../tenant-scope.ts'
import { tenantOf } from '../tenant-service.ts'
import type { EntryReason, NewSuppression, SuppressionImport } from './suppression.ts'
import { addressAlone, type ColumnPlaces, readHeader, readLine } from './suppression-csv.ts'
import { addAll, distinct, EntryMaker } from './suppression-entry.ts'

/** An import that takes longer has lost its process. */
const LONGEST = hours(24)
const ID_OCTETS = 10

export interface ImportPart {
  /** Lines; the first is the file's header, where it has one. */
  readonly csv: string
  /** Which line of the file `csv` continues with after its header, from 1: for what is said of bad lines. */
  readonly firstLine: number
  /** Of lines that give none. */
  readonly reason: EntryReason
  /** Else only hashes are kept. */
  readonly keepsAddress: boolean
}

export interface BadLine {
  readonly line: number
  readonly message: string
}

export interface ImportedPart {
  readonly added: number
  /** One that says the same is there. */
  readonly known: number
  readonly bad: number
  /** The first of them. */
  readonly badLines: readonly BadLine[]
}

export async function beginImport(
  context: RecordsContext,
  scope: TenantScope,
): Promise<SuppressionImport> {
  const { clock, random, store } = context
  await removeDeadImports(context)
  const tenant = (await tenantOf(store, scope)).id
  const begun: SuppressionImport = {
    id: encodeCrockford(random.bytes(ID_OCTETS)),
    tenant,
    startedAt: clock.now(),
    finishedAt: null,
  }
  await store.suppressions.imports.put(begun)
  return begun
}

/** Bad lines are told, and left out. Throws `RLY_RECORD_INVALID` where the header is wrong. */
export async function importPart(
  context: RecordsContext,
  scope: TenantScope,
  id: string,
  part: ImportPart,
): Promise<ImportedPart> {
  const { store } = context
  const { tenant } = await openImport(context, scope, id)
  const maker = await EntryMaker.of(context, store, tenant)
  const { bad, badLines, entries } = entriesIn(part, maker, id)
  const added = await addAll(store, distinct(entries))
  return { added, known: entries.length - added, bad, badLines }
}

/** From now on all of it counts. */
export async function finishImport(
  context: RecordsContext,
  scope: TenantScope,
  id: string,
): Promise<SuppressionImport> {
  return context.store.transaction(async (store) => {
    const found = await openImport({ ...context, store }, scope, id)
    const finished = { ...found, finishedAt: context.clock.now() }
    await store.suppressions.imports.put(finished)
    return finished
  })
}

/** As if it had never begun. */
export async function abandonImport(
  context: RecordsContext,
  scope: TenantScope,
  id: string,
): Promise<SuppressionImport> {
  const found = await openImport(context, scope, id)
  await removeAllOf(context, id)
  return found
}

export async function removeDeadImports(context: RecordsContext): Promise<void> {
  const now = context.clock.now()
  for (const { id, finishedAt, startedAt } of await context.store.suppressions.imports.list())
    if (finishedAt === null && plus(startedAt, LONGEST) <= now) await removeAllOf(context, id)
}

async function removeAllOf({ store }: RecordsContext, id: string): Promise<void> {
  const most = suppressionLimits.removeTogether
  while ((await store.suppressions.remove({ importId: id }, most)) === most);
  await store.suppressions.imports.remove(id)
}

async function openImport(
  { store }: RecordsContext,
  scope: TenantScope,
  id: string,
): Promise<SuppressionImport> {
  const found = (await store.suppressions.imports.list()).find((each) => each.id === id)
  if (found && found.finishedAt === null && reaches(scope, found.tenant)) return found
  throw new RelayError('RLY_RECORD_UNKNOWN', `no import "${id}" that is under way`)
}

function entriesIn(
  { csv, firstLine, keepsAddress, reason }: ImportPart,
  maker: EntryMaker,
  id: string,
) {
  const lines = csv.split(/\r?\n/)
  const header = readHeader(lines[0] ?? '')
  const places: ColumnPlaces = header ?? addressAlone
  const entries: NewSuppression[] = []
  const badLines: BadLine[] = []
  let bad = 0
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '' || (header !== null && at === 0)) continue
    try {
      if (line.length > suppressionLimits.lineCharacters)
        throw new RelayError('RLY_RECORD_INVALID', 'the line is too long')
      entries.push(maker.make({ ...readLine(line, places, reason), keepsAddress }, id))
    } catch (thrown) {
      // What the line says cannot be.
      if (!(thrown instanceof RelayError)) throw thrown
      bad++
      const number = firstLine + at - (header === null ? 0 : 1)
      if (badLines.length < suppressionLimits.namedLines)
        badLines.push({ line: number, message: thrown.message })
    }
  }
  return { entries, bad, badLines }
}

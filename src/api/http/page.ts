// SPDX-License-Identifier: Apache-2.0
/**
 * Lists, alike everywhere: `?limit=…&cursor=…` gives `{ items, nextCursor }`, and `sort=field` or `sort=-field` their order;
 * where items have a state, `state=…` those in it alone. A
 * cursor is opaque to callers; it names the last item that was seen, so that what comes and goes in between neither repeats nor
 * hides others.
 */
import { z } from 'zod'
import { RelayError } from '../../base/errors.ts'
import type { Keyring } from '../../base/keyring.ts'
import { nearest } from '../../base/nearest.ts'
import type { NumberSeal } from '../../base/number-seal.ts'

/** What sealed ones are for. */
const CURSOR = 'cursor'
/** Of a name of a queue as value and as id, in base 64, there are fewer. */
const CURSOR_CHARACTERS = 4_000

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(CURSOR_CHARACTERS).optional(),
}

/** A field of items; with `-` the last first. */
export type Sort<F extends string> = F | `-${F}`

export interface PageQuery {
  readonly limit: number
  readonly cursor?: string | undefined
}

/** `fields`: of the items. `usual`: the order where none is asked for. */
export function sortBy<const F extends string>(
  fields: readonly [F, ...F[]],
  usual: Sort<F> = fields[0],
): z.ZodType<Sort<F>> {
  const orders = fields.flatMap((field) => [field, `-${field}`])
  const schema = z
    .enum(orders, { error: ({ input }) => wrongOrder(String(input), orders) })
    .default(usual)
    .meta({ description: 'A field of the items; with - before it, the last first.' })
  return schema as unknown as z.ZodType<Sort<F>>
}

/** A query's `state`: of those that items of the list can be in; absent: all. */
export function stateAmong<const S extends string>(states: readonly [S, ...S[]]) {
  return z
    .enum(states, { error: ({ input }) => wrongState(String(input), states) })
    .optional()
    .meta({ description: 'Only items in this state.' })
}

export function inState<T, S extends string>(
  all: readonly T[],
  state: S | undefined,
  stateOf: (item: T) => S,
): readonly T[] {
  return state === undefined ? all : all.filter((item) => stateOf(item) === state)
}

export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}

export interface Page<T> {
  readonly items: T[]
  readonly nextCursor: string | null
}

type SortValue = string | number | null

/** Where an item stands: what it is sorted by, then its id, which no other item has. */
type Place = readonly [value: SortValue, id: string]

/** A page of a list that is in memory. */
export function paged<F extends string, T extends Readonly<Partial<Record<F, SortValue>>>>(
  all: readonly T[],
  idOf: (item: T) => string,
  { limit, cursor, sort }: PageQuery & { readonly sort: Sort<F> },
): Page<T> {
  const isBackwards = sort.startsWith('-')
  const field = sort.replace(/^-/, '') as F
  const placeOf = (item: T): Place => [item[field] ?? null, idOf(item)]
  const order = (one: Place, other: Place) =>
    isBackwards ? compare(other, one) : compare(one, other)
  const after = cursor === undefined || cursor === '' ? null : placeIn(cursor, sort)
  const rest = all
    .map((item) => ({ item, place: placeOf(item) }))
    .filter(({ place }) => after === null || order(place, after) > 0)
    .sort((one, other) => order(one.place, other.place))
  const shown = rest.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = rest.length > shown.length && last !== undefined
  return {
    items: shown.map(({ item }) => item),
    nextCursor: hasMore ? cursorOf(JSON.stringify([sort, ...last.place])) : null,
  }
}

export function cursorOf(key: string): string {
  return Buffer.from(key).toString('base64url')
}

/** `nextCursor` after an item with this number, which counts over all tenants. */
export function numberCursor(last: number, seal: NumberSeal): string {
  return cursorOf(seal.seal(last))
}

/** `null`: from the beginning. Throws `RLY_USAGE` where it is none of this list. */
export function numberAfter(cursor: string | undefined, seal: NumberSeal): number | null {
  if (cursor === undefined || cursor === '') return null
  const number = seal.open(keyOfCursor(cursor))
  if (number !== null) return number
  throw new RelayError('RLY_USAGE', 'cursor: expected the nextCursor of the page before')
}

/** Of a place that tells of what is not the caller's, such as an event of another tenant at which a search has stopped. */
export function sealedCursor(place: string, keyring: Keyring): string {
  return keyring.seal(Buffer.from(place), CURSOR).toString('base64url')
}

/** The place; `null`: from the beginning. Throws `RLY_USAGE` where it was not sealed here. */
export function placeOfSealed(cursor: string | undefined, keyring: Keyring): string | null {
  if (cursor === undefined || cursor === '') return null
  try {
    return keyring.open(Buffer.from(cursor, 'base64url'), CURSOR).toString()
  } catch {
    // Made up, or cut off.
    throw new RelayError('RLY_USAGE', 'cursor: expected the nextCursor of the page before')
  }
}

export function keyOfCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString()
}

const placeText = z.tuple([z.string(), z.union([z.string(), z.number(), z.null()]), z.string()])

/** Throws `RLY_USAGE` for what is no cursor, or one of another order. */
function placeIn(cursor: string, sort: string): Place {
  const [of, value, id] = placeText.safeParse(jsonIn(keyOfCursor(cursor))).data ?? []
  if (of === sort && value !== undefined && id !== undefined) return [value, id]
  throw new RelayError(
    'RLY_USAGE',
    'cursor: expected the nextCursor of the page before, in the same order',
  )
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Somebody made it up.
    return null
  }
}

/** What has no value comes first. */
function compare([value, id]: Place, [otherValue, otherId]: Place): number {
  if (value === otherValue) return id < otherId ? -1 : id > otherId ? 1 : 0
  if (value === null || otherValue === null) return value === null ? -1 : 1
  return value < otherValue ? -1 : 1
}

function wrongOrder(given: string, orders: readonly string[]): string {
  return `"${given.slice(0, 50)}" is no order of this list: expected ${oneOf(given, orders)}`
}

function wrongState(given: string, states: readonly string[]): string {
  return `"${given.slice(0, 50)}" is no state of this list: expected ${oneOf(given, states)}`
}

function oneOf(given: string, choices: readonly string[]): string {
  const meant = nearest(given.slice(0, 50), choices)
  const advice = meant === null ? '' : `; did you mean "${meant}"?`
  return `one of ${choices.join(', ')}${advice}`
}

// SPDX-License-Identifier: Apache-2.0
/**
 * Lists, alike everywhere: `?limit=…&cursor=…` gives `{ items, nextCursor }`. A cursor is opaque to callers; it names the last
 * item that was seen, so that what comes and goes in between neither repeats nor hides others.
 */
import { z } from 'zod'

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(1_000).optional(),
}

export interface PageQuery {
  readonly limit: number
  readonly cursor?: string | undefined
}

export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}

export interface Page<T> {
  readonly items: T[]
  readonly nextCursor: string | null
}

/** A page of a list that is in memory, in the order of its keys, which are unique. */
export function paged<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  { limit, cursor }: PageQuery,
): Page<T> {
  const after = cursor === undefined ? null : keyOfCursor(cursor)
  const rest = all
    .filter((item) => after === null || keyOf(item) > after)
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const items = rest.slice(0, limit)
  const last = items.at(-1)
  const hasMore = rest.length > items.length && last !== undefined
  return { items, nextCursor: hasMore ? cursorOf(keyOf(last)) : null }
}

export function cursorOf(key: string): string {
  return Buffer.from(key).toString('base64url')
}

export function keyOfCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString()
}

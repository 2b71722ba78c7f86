// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { problemOf } from './problem.ts'

const schema = z.strictObject({
  name: z.string().max(3),
  count: z.int().min(1).max(500).optional(),
  items: z.array(z.string().min(1)).max(2).optional(),
  kind: z.enum(['a', 'b']).optional(),
  at: z.string('expected a time').optional(),
})

for (const [given, detail] of [
  [{}, 'name: it is missing: expected a string'],
  [{ name: 7 }, 'name: expected a string, and not a number'],
  [{ name: null }, 'name: expected a string, and not null'],
  [[], 'expected an object, and not an array'],
  [{ name: 'long' }, 'name: expected at most 3 characters'],
  [{ name: 'x', count: 0 }, 'count: expected at least 1'],
  [{ name: 'x', count: 501 }, 'count: expected at most 500'],
  [{ name: 'x', items: ['', 'b', 'c'] }, /^items: expected at most 2 items/],
  [{ name: 'x', items: [''] }, 'items.0: expected at least 1 character'],
  [{ name: 'x', kind: 'c' }, /one of "a"\|"b"/],
  [{ name: 'x', at: 1 }, 'at: expected a time'],
  [{ name: 'x', nmae: 1 }, '"nmae" is not known here; did you mean "name"?'],
] as const)
  test(`A request of ${JSON.stringify(given)} is told what would be right`, () => {
    const { error } = schema.safeParse(given)
    const problem = problemOf(error, Object.keys(schema.shape))
    assert.equal(problem.code, 'RLY_USAGE')
    if (typeof detail === 'string') assert.equal(problem.detail, detail)
    else assert.match(problem.detail, detail)
  })

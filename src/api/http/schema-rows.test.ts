// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { schemaRows } from './schema-rows.ts'

test('A schema is read as a row for each field, with those of fields below them', () => {
  const schema = z.strictObject({
    kind: z.enum(['a', 'b']),
    to: z.union([z.string(), z.array(z.strictObject({ name: z.email().optional() }))]),
    labels: z.record(z.string(), z.string()).default({}).meta({ description: 'For people.' }),
    at: z.int().nullable(),
  })
  assert.deepEqual(
    schemaRows(z.toJSONSchema(schema, { io: 'input' })).map(({ name, type, isRequired, says }) =>
      [name, type, isRequired ? 'required' : 'optional', says].join(' | '),
    ),
    [
      'kind | "a" or "b" | required | ',
      'to | string or list of object | required | ',
      'to[].name | string (email) | optional | ',
      'labels | object of string | optional | For people. Default: {}.',
      'at | integer or null | required | ',
    ],
  )
})

// SPDX-License-Identifier: Apache-2.0
import { describe, test } from 'node:test'
import { readInputs } from './kept-inputs.ts'
import { type FuzzTarget, targets } from './targets.ts'

describe('What fuzzing kept is read as it should be', () => {
  for (const [name, target] of Object.entries(targets) as [string, FuzzTarget][])
    test(`${name}: every input of the corpus, and every finding`, () => {
      for (const seed of target.seeds) target.run(Buffer.from(seed))
      for (const input of readInputs('corpus', name)) target.run(input)
      for (const input of readInputs('findings', name)) target.run(input)
    })
})

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Glob, globOf, globProblem } from './glob.ts'
import { patternLimits } from './limits/pattern-limits.ts'

/** The definition, by recursion over what is left of both. */
function fits(pattern: string, name: string): boolean {
  if (pattern === '') return name === ''
  if (pattern[0] === '*')
    return fits(pattern.slice(1), name) || (name !== '' && fits(pattern, name.slice(1)))
  return name !== '' && pattern[0] === name[0] && fits(pattern.slice(1), name.slice(1))
}

describe('A pattern with *', () => {
  it('matches what its definition says', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 10 })
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '.', '\n'), maxLength: 12 })
    fc.assert(
      fc.property(pattern, name, (text, other) => {
        assert.equal(globOf(text).matches(other), fits(text, other))
      }),
      { numRuns: 20_000, seed: 4 },
    )
  })

  it('takes a plain name for itself only, and no character but * for anything special', () => {
    assert.equal(globOf('bulk:shop@example.net').matches('bulk:shop@example.net'), true)
    assert.equal(globOf('bulk:shop@example.net').matches('bulk:shop@example.netx'), false)
    assert.equal(globOf('bulk*:shop@*').matches('bulk.spring:shop@a.example'), true)
    assert.equal(globOf('*@a.example').matches('bulk:shop@aXexample'), false)
    assert.equal(globOf('ab*ba').matches('aba'), false)
  })

  it('answers at once where an expression would try every way to share the name out', () => {
    const stars = `${'*a'.repeat(patternLimits.wildcards - 1)}*b`
    assert.equal(globOf(stars).matches('a'.repeat(1_000_000)), false)
    const long = `*${'a'.repeat(patternLimits.characters - 3)}b*`
    assert.equal(globOf(long).matches('a'.repeat(1_000_000)), false)
  })

  it('has bounds, and a sentence for each', () => {
    const { characters, wildcards } = patternLimits
    assert.ok(Glob.parse('*'.repeat(wildcards)) instanceof Glob)
    assert.ok(Glob.parse('a'.repeat(characters)) instanceof Glob)
    assert.equal(
      globProblem('*'.repeat(wildcards + 1)),
      'the pattern "***********" has 11 wildcards (*); use at most 10',
    )
    assert.match(
      globProblem('a'.repeat(characters + 1)) ?? '',
      /^the pattern "a{60}…" has 1001 characters; use at most 1000$/,
    )
    assert.throws(() => globOf('*'.repeat(wildcards + 1)), { code: 'RLY_USAGE' })
  })
})

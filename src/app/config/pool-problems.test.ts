// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseConfig } from './load-config.ts'

const sources = ['a', 'b', 'c'].map((name) => `[[source]]\nname = "${name}"\n`).join('')

function pool(name: string, source: string, more = ''): string {
  return `[[pool]]\nname = "${name}"\nsource = [{ name = "${source}" }]\n${more}`
}

function problem(...pools: readonly string[]): string {
  const required = 'hostname = "relay.example.com"\ndata_dir = "/var/lib/posthaste"\n'
  try {
    parseConfig(`${required}${sources}${pools.join('')}`, '/etc/posthaste.toml')
    return ''
  } catch (thrown) {
    return (thrown as Error).message
  }
}

describe('A quarantine pool', () => {
  it('is another one, that is there', () => {
    const away = pool('away', 'b')
    assert.equal(problem(pool('news', 'a', 'quarantine = "away"\n'), away), '')
    assert.match(
      problem(pool('news', 'a', 'quarantine = "awya"\n'), away),
      /pool\.quarantine: there is no pool "awya"; did you mean "away"\?/,
    )
    assert.match(problem(pool('news', 'a', 'quarantine = "news"\n')), /found the pool itself/)
  })

  it('shares nothing with the pool that it keeps clean', () => {
    const news = pool('news', 'a', 'quarantine = "away"\n')
    assert.match(problem(news, pool('away', 'a')), /found source "a" in both pools/)
    const back = problem(news, pool('away', 'b', 'overflow = "news"\n'))
    assert.match(back, /found pool away with overflow "news"/)
  })

  it('may be the default one, of sources that no pool has', () => {
    assert.equal(problem(pool('news', 'a', 'quarantine = "default"\n')), '')
    const all = [pool('news', 'a', 'quarantine = "default"\n'), pool('b', 'b'), pool('c', 'c')]
    assert.match(problem(...all), /found source "a" in both pools/)
  })
})

describe('A rule that chooses a pool', () => {
  const rule = (pool: string, more = '') => `[[pool_rule]]\npool = "${pool}"\n${more}`
  const spring = 'campaign = ["spring*"]\n'

  it('names a pool that is there, also the default one', () => {
    assert.equal(
      problem(pool('news', 'a'), rule('news', spring), rule('default', 'stream = ["x"]\n')),
      '',
    )
    assert.match(
      problem(pool('news', 'a'), rule('nwes', spring)),
      /pool_rule\.pool: there is no pool "nwes"; did you mean "news"\?/,
    )
  })

  it('means some mail, and not the same as one before it', () => {
    assert.match(problem(rule('default')), /means all mail, expected "tenant"/)
    const twice = problem(pool('news', 'a'), rule('news', spring), rule('default', spring))
    assert.match(twice, /means the same mail as rule 1, which comes first/)
  })
})

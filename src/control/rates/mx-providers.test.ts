// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ShapedHost } from '../../queue/shaping/rules.ts'
import { MxProviders } from './mx-providers.ts'

describe('The provider of an MX host', () => {
  it('is looked up once, and anew when the rules are others', () => {
    const asked: string[] = []
    const rulesOf = (provider: string | null) => ({
      providerOf: ([host]: readonly ShapedHost[]) => {
        asked.push(host?.name ?? '')
        return provider
      },
    })
    let rules = rulesOf(null)
    const providers = new MxProviders(() => rules)
    const mx = 'mx1.example.net[192.0.2.1]:25'
    assert.deepEqual([providers.of(mx), providers.of(mx)], [null, null])
    rules = rulesOf('example')
    assert.deepEqual([providers.of(mx), providers.of(mx)], ['example', 'example'])
    assert.deepEqual(asked, ['mx1.example.net', 'mx1.example.net'])
  })
})

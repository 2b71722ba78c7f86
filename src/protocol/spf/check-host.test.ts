// SPDX-License-Identifier: Apache-2.0
/** Every case of the test suite that the authors of RFC 7208 keep. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { corpus } from '../../../test/support/corpus.ts'
import { checkHost, type SpfAnswer, type SpfResolver } from './check-host.ts'
import { dotted, parseAddress } from './client-address.ts'

type ZoneEntry = 'TIMEOUT' | Readonly<Record<string, unknown>>

interface Scenario {
  readonly description: string
  readonly tests: Readonly<Record<string, Case>>
  readonly zonedata: Readonly<Record<string, readonly ZoneEntry[]>>
}

interface Case {
  readonly host: string
  readonly helo: string
  readonly mailfrom: string
  readonly result: string | readonly string[]
  readonly explanation?: string
}

const file = corpus('spf/rfc7208-tests.yml')
const documents = file === null ? [] : parseAllDocuments(readFileSync(file, 'utf8'))
for (const document of documents) {
  const scenario = document.toJS() as Scenario | null
  if (scenario === null) continue
  const resolver = resolverOf(scenario.zonedata)
  describe(`SPF: ${scenario.description}`, () => {
    for (const [name, { host, helo, mailfrom, result, explanation }] of Object.entries(
      scenario.tests,
    ))
      it(name, async () => {
        const query = {
          address: host,
          helo,
          sender: mailfrom,
          receiver: 'receiver.example',
          now: 0,
        }
        const verdict = await checkHost(resolver, query)
        assert.ok([result].flat().includes(verdict.result), `${verdict.result}, not ${result}`)
        if (explanation === 'DEFAULT') assert.equal(verdict.explanation, null)
        else if (explanation !== undefined) assert.equal(verdict.explanation, explanation)
      })
  })
}

/** Names without case; a name with TIMEOUT fails for what it does not list. */
function resolverOf(zone: Scenario['zonedata']): SpfResolver {
  const names = new Map(
    Object.entries(zone).map(([name, entries]) => [name.toLowerCase(), entries]),
  )
  const look = (asked: string, type: string, followed = 0): SpfAnswer<unknown> => {
    const name = asked.toLowerCase().replace(/\.$/, '')
    const entries = names.get(name)
    if (entries === undefined) return { kind: 'no-such-domain' }
    const records: unknown[] = []
    for (const entry of entries) {
      if (entry === 'TIMEOUT') {
        if (records.length === 0) return { kind: 'failed' }
        continue
      }
      const alias = entry['CNAME']
      if (typeof alias === 'string' && followed < 8) return look(alias, type, followed + 1)
      if (type in entry && entry[type] === 'TIMEOUT') return { kind: 'failed' }
      if (type in entry && entry[type] !== 'NONE') records.push(entry[type])
    }
    // The suite writes records for TXT under their old type; some names have both.
    if (type === 'TXT' && !entries.some((entry) => entry !== 'TIMEOUT' && 'TXT' in entry))
      records.push(
        ...entries.flatMap((entry) =>
          entry !== 'TIMEOUT' && 'SPF' in entry ? [entry['SPF']] : [],
        ),
      )
    return records.length === 0 ? { kind: 'none' } : { kind: 'found', records }
  }
  const mapped = <T>(answer: SpfAnswer<unknown>, map: (record: unknown) => T): SpfAnswer<T> =>
    answer.kind === 'found' ? { kind: 'found', records: answer.records.map(map) } : answer
  return {
    txt: async (name) =>
      mapped(look(name, 'TXT'), (record) =>
        Buffer.from([record].flat().join('')).toString('latin1'),
      ),
    addresses: async (name, family) =>
      mapped(look(name, family === 4 ? 'A' : 'AAAA'), (record) => ({ address: String(record) })),
    mx: async (name) =>
      mapped(look(name, 'MX'), (record) => {
        const [preference, exchange] = record as [number, string]
        return { preference, exchange }
      }),
    ptr: async (address) => mapped(look(reverseName(address), 'PTR'), String),
  }
}

function reverseName(text: string): string {
  const address = parseAddress(text)
  if (address === null) throw new Error(`${text} is no address`)
  const parts = dotted(address).split('.').reverse().join('.')
  return `${parts}.${address.family === 4 ? 'in-addr' : 'ip6'}.arpa`
}

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ms, seconds } from '../../base/brand.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { AddressRecord, Answer, MxRecord, Resolver } from '../../dns/resolver.ts'
import { type Domain, parseDomain } from '../../protocol/mailbox.ts'
import { SANDBOX_DOMAIN } from '../../spool/sandbox.ts'
import { Router } from './routing.ts'
import type { RoutingSettings } from './routing-rules.ts'

const rules: RoutingSettings = {
  routes: [{ domain: 'fixed.example', host: 'mx2.example', port: 587 }],
  sites: [],
  tls: 'opportunistic',
  domainRuleOf: () => null,
  shapedTlsOf: () => null,
  addressFamilies: [4, 6],
}

/** `[preference, host]`. */
const mx: Readonly<Record<string, readonly (readonly [number, string])[]>> = {
  'one.example': [
    [10, 'mx1.example'],
    [20, 'mx2.example'],
  ],
  'two.example': [
    [10, 'mx1.example'],
    [10, 'mx2.example'],
  ],
  'lost.example': [[10, 'nowhere.example']],
  'down.example': [[10, 'broken.example']],
}

const addresses: Readonly<Record<string, readonly string[]>> = {
  'mx1.example': ['192.0.2.1', '192.0.2.2', '2001:db8::1'],
  'mx2.example': ['192.0.2.9'],
  'broken.example': ['192.0.2.3'],
  'bare.example': ['192.0.2.5'],
}

/** MX hold ten minutes, addresses five, that there is none one. AAAA of `broken.example` cannot be looked up. */
function started(changes: Partial<RoutingSettings> = {}) {
  const asked: string[] = []
  const given = <T>(records: readonly T[], ttl: number): Answer<T> =>
    records.length === 0
      ? { kind: 'none', ttl: seconds(60), secure: false }
      : { kind: 'found', records, ttl: seconds(ttl), secure: false }
  const resolver = {
    mx: async (domain: Domain): Promise<Answer<MxRecord>> => {
      asked.push(`MX ${domain}`)
      const records = (mx[domain] ?? []).map(([preference, exchange]) => ({ preference, exchange }))
      return given(records, 600)
    },
    addresses: async (host: string, family: 4 | 6): Promise<Answer<AddressRecord>> => {
      asked.push(`${family} ${host}`)
      if (host === 'broken.example' && family === 6) return { kind: 'failed', text: 'SERVFAIL' }
      const all = (addresses[host] ?? []).filter((each) => each.includes(':') === (family === 6))
      return given(
        all.map((address) => ({ address, family })),
        300,
      )
    },
  } as unknown as Resolver
  const clock = new ManualClock()
  const router = new Router({
    resolver,
    clock,
    rules: { ...rules, ...changes },
    sandboxPort: () => Promise.resolve(2_500),
  })
  return {
    clock,
    router,
    asked,
    found: async (name: string) => {
      const route = await router.route(named(name))
      assert.ok(route.kind === 'site')
      return { addresses: Object.fromEntries(route.addresses), fresh: route.freshUntil }
    },
  }
}

function named(name: string): Domain {
  const domain = parseDomain(name)
  assert.ok(domain)
  return domain
}

describe('The addresses of the first hosts of a route', () => {
  it('are not asked for where no rule wants them', async () => {
    const { asked, found } = started({ addressFamilies: [] })
    assert.deepEqual(await found('one.example'), { addresses: {}, fresh: 600_000 })
    assert.deepEqual(asked, ['MX one.example'])
  })

  it('are those of the most preferred hosts, in the families that a source reaches', async () => {
    const { found } = started()
    const mx1 = addresses['mx1.example']
    assert.deepEqual((await found('one.example')).addresses, { 'mx1.example': mx1 })
    assert.deepEqual((await found('two.example')).addresses, {
      'mx1.example': mx1,
      'mx2.example': ['192.0.2.9'],
    })
    assert.deepEqual((await found('bare.example')).addresses, { 'bare.example': ['192.0.2.5'] })
    assert.deepEqual((await found('lost.example')).addresses, {})
    const only = started({ addressFamilies: [4] })
    assert.deepEqual((await only.found('one.example')).addresses, {
      'mx1.example': ['192.0.2.1', '192.0.2.2'],
    })
  })

  it('make the route as fresh as they are, also where it is configured', async () => {
    const { asked, clock, found, router } = started()
    assert.equal((await found('one.example')).fresh, 300_000)
    assert.equal((await found('two.example')).fresh, 60_000)
    assert.deepEqual(await found('fixed.example'), {
      addresses: { 'mx2.example': ['192.0.2.9'] },
      fresh: 60_000,
    })
    assert.equal((await found('[192.0.2.1]')).fresh, Number.POSITIVE_INFINITY)
    asked.length = 0
    await found('one.example')
    assert.deepEqual(asked, [])
    clock.advance(ms(60_000))
    assert.equal(router.known(named('fixed.example')), null)
  })

  it('are not known in part: a host with a family that cannot be looked up is asked for again soon', async () => {
    const { found } = started()
    assert.deepEqual(await found('down.example'), { addresses: {}, fresh: 1_000 })
  })

  it('never are those of the simulated receiver, of which no rule is', async () => {
    const { asked, found } = started()
    assert.deepEqual((await found(SANDBOX_DOMAIN)).addresses, {})
    assert.deepEqual(asked, [])
  })

  it('are looked up by the rules that hold when the look-up ends', async () => {
    const { router } = started({ addressFamilies: [] })
    const asked = router.route(named('two.example'))
    router.replaceRules(rules)
    const route = await asked
    assert.equal(route.kind === 'site' && route.addresses.size, 2)
  })
})

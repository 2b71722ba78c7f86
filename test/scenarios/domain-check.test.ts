// SPDX-License-Identifier: Apache-2.0
/** A sending domain beside what the DNS says of it, before and after its owner has published, and who may claim one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DomainWholeAnswer } from '../../src/api/resources/domain-fields.ts'
import type { CheckAnswer } from '../../src/api/resources/domains.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import type { DomainEvent } from '../../src/events/domain-event.ts'
import type { ReceivedEvent } from '../../src/events/event.ts'
import { publish } from '../support/published-records.ts'
import { namesFrom } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'

const source = '\n[[source]]\nname = "out"\naddress = "127.0.0.1"\n'

test('"domain check" shows what is missing or points to what is different, and the domain is verified when all is published', async () => {
  await using zone = await ZoneServer.start({
    zone: 'bounce.shop.example TXT "v=spf1 ip4:192.0.2.1 -all"',
  })
  await using relay = await RunningRelay.start({
    domains: ['shop.example'],
    config: namesFrom(zone) + source,
  })
  const before = await relay.cli('domain', 'check', 'shop.example')
  assert.equal(before.code, 65)
  assert.match(before.stdout, /^missing +dkim +\S+\._domainkey\.shop\.example TXT$/m)
  assert.match(before.stdout, /expected +v=DKIM1; k=rsa; p=/)
  assert.match(before.stdout, /published +nothing/)
  assert.match(before.stdout, /^shop\.example is pending: ownership: .*nothing is published there/m)
  assert.match(before.stdout, /^different spf .*\n.* 127\.0\.0\.1 gets "fail"$/m)
  const [, published = '', mark = ''] =
    /^( +published {2}v=spf1.*)\n( +\^)$/m.exec(before.stdout) ?? []
  assert.equal(mark.length - 1, published.indexOf('92.0.2.1 -all'))
  zone.zone.remove('bounce.shop.example')
  publish(zone, await relay.dnsRecordsOf('shop.example'))
  const checked = (await relay.json('domain', 'check', 'shop.example')) as CheckAnswer
  assert.deepEqual(
    checked.records.filter(({ state }) => state !== 'ok'),
    [],
  )
  assert.ok(checked.isReady)
  assert.deepEqual([checked.state, checked.stateReason], ['verified', null])
  const event = await relay.waitForEvent<DomainEvent>(
    (each): each is DomainEvent => each.type === 'domain.verified',
  )
  assert.deepEqual([event.tenant, event.domain, event.lacks], ['default', 'shop.example', []])
  const shown = (await relay.json('domain', 'show', 'shop.example')) as DomainWholeAnswer
  assert.deepEqual([shown.state, shown.lacks], ['verified', []])
  assert.ok(shown.verifiedAt)

  const rotating = (await relay.json('domain', 'rotate', 'shop.example')) as DomainWholeAnswer
  publish(
    zone,
    rotating.dns.filter(({ about }) => about === 'dkim-next'),
  )
  assert.equal((await relay.cli('domain', 'check', 'shop.example')).code, 0)
  const id = await send(relay, { to: ['ann@elsewhere.example'] })
  const { signedBy } = await relay.waitForEvent<ReceivedEvent>(
    (each): each is ReceivedEvent => each.type === 'message.received' && each.messageId === id,
  )
  const next = rotating.keys.filter((key) => key.state === 'next').map(({ selector }) => selector)
  assert.equal(next.length, 2)
  assert.deepEqual(
    signedBy.map((name) => next.some((selector) => name.includes(selector))),
    [true, true],
  )
})

test('A domain is verified for whoever its DNS names, and for nobody else who has set it up', async () => {
  await using zone = await ZoneServer.start({})
  await using relay = await RunningRelay.start({
    commands: [
      ['tenant', 'add', 'owner'],
      ['tenant', 'add', 'thief'],
      ['domain', 'add', 'shop.example', '--tenant', 'owner'],
      ['domain', 'add', 'shop.example', '--tenant', 'thief'],
    ],
    config: namesFrom(zone) + source,
  })
  const keys: Record<string, string> = {}
  for (const tenant of ['owner', 'thief']) {
    keys[tenant] = await relay.newKey(tenant, 'domains', 'read')
  }
  const ask = async (tenant: string, method: string, path: string) => {
    const answer = await relay.ask(method, `/domains/shop.example${path}`, keys[tenant])
    assert.equal(answer.status, 200)
    return answer.body
  }
  const { dns } = (await ask('owner', 'GET', '')) as DomainWholeAnswer
  publish(zone, dns)
  for (const [tenant, state] of [
    ['thief', 'pending'],
    ['owner', 'verified'],
    ['thief', 'pending'],
  ] as const) {
    const checked = (await ask(tenant, 'POST', '/check')) as CheckAnswer
    assert.equal(checked.state, state)
    const ownership = checked.records.find(({ about }) => about === 'ownership')
    assert.equal(ownership?.state, tenant === 'owner' ? 'ok' : 'different')
  }
})

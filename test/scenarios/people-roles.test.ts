// SPDX-License-Identifier: Apache-2.0
/** Every route × every role, from the table of routes: a new one is tried without a word of its own. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Needs } from '../../src/api/http/caller.ts'
import type { AnyRoute } from '../../src/api/http/route.ts'
import { routes } from '../../src/api/routes.ts'
import type { Role } from '../../src/records/people/role.ts'
import type { ApiBrowser, Seen } from '../support/api-browser.ts'
import { invite, loggedIn } from '../support/people.ts'
import { RunningRelay } from '../support/running-relay.ts'

/** Written down once more, so that neither side changes alone. */
const mayUse: Readonly<Record<Role, readonly Needs[]>> = {
  owner: ['read', 'send', 'suppressions', 'domains', 'webhooks', 'setup', 'admin'],
  operator: ['read', 'send', 'suppressions', 'domains', 'webhooks', 'setup'],
  sender: ['read', 'send', 'suppressions'],
  reader: ['read'],
}
const allRoles = Object.keys(mayUse) as Role[]
/** What only owners do, whatever else comes to be. */
const ownersAlone = /^(people|keys|audit)\.|^tenants\.(add|remove)$/

let relay: RunningRelay

before(async () => {
  relay = await RunningRelay.start({ commands: [['tenant', 'add', 'acme']] })
  for (const role of allRoles) {
    await invite(relay, `${role}@acme.example`, '--role', role, '--tenant', 'acme')
    await invite(relay, `${role}@relay.example`, '--role', role, '--installation')
  }
})

after(() => relay[Symbol.asyncDispose]())

/** With names that nothing has and a body that says nothing: who may is told so, and nothing changes. */
function askFor({ method, path }: AnyRoute, browser: ApiBrowser): Promise<Seen> {
  const url = path.replace(/\{\w+\}/g, 'none')
  return browser.ask(method, url, method === 'GET' || method === 'DELETE' ? undefined : {})
}

/** Those of a person's own login end sessions; they are for everybody. */
const ofResources = routes.filter(({ needs }) => needs !== 'login' && needs !== 'nothing')

describe('Every route', () => {
  for (const role of allRoles)
    for (const [whose, domain] of [
      ['a tenant', 'acme.example'],
      ['the installation', 'relay.example'],
    ] as const)
      it(`lets a person of ${whose} with the role ${role} do what the role says, and nothing else`, async () => {
        const browser = await loggedIn(relay, `${role}@${domain}`)
        for (const route of ofResources) {
          const { body, status } = await askFor(route, browser)
          const isReached = !route.isForInstallation || whose === 'the installation'
          const may = mayUse[role].includes(route.needs) && isReached
          const what = `${role} of ${whose}: ${route.id} ${status} ${body.detail ?? ''}`
          if (may) assert.ok(status !== 401 && status !== 403 && status < 500, what)
          else assert.deepEqual([status, body.code], [403, 'RLY_FORBIDDEN'], what)
        }
        assert.equal((await browser.ask('GET', '/session')).status, 200)
      })

  it('that decides who may do what is for owners alone', () => {
    const theirs = routes.filter(({ id }) => ownersAlone.test(id))
    assert.ok(theirs.length >= 11)
    for (const { id, needs } of theirs) if (id !== 'tenants.list') assert.equal(needs, 'admin', id)
  })

  it('of a login is closed to keys, and to who is not logged in', async () => {
    const headers = { authorization: `Bearer ${relay.adminKey}`, 'x-posthaste-login': '1' }
    for (const { id, method, path } of routes.filter(({ needs }) => needs === 'login')) {
      const url = relay.api + path.replace(/\{\w+\}/g, 'none')
      assert.equal((await fetch(url, { method, headers })).status, 403, id)
      const none = await fetch(url, { method, headers: { 'x-posthaste-login': '1' } })
      assert.equal(none.status, 401, id)
    }
  })

  it('is closed to who has neither key nor session, but for those by which people come in', async () => {
    const open = routes.filter(({ needs }) => needs === 'nothing').map(({ id }) => id)
    assert.ok(open.every((id) => id.startsWith('session.')))
    for (const { id, method, path, needs } of routes) {
      if (needs === 'nothing') continue
      const answer = await fetch(relay.api + path.replace(/\{\w+\}/g, 'none'), { method })
      assert.equal(answer.status, 401, id)
    }
  })
})

describe('People', () => {
  it('of a tenant see and change those of their tenant alone', async () => {
    const owner = await loggedIn(relay, 'owner@acme.example')
    const { items } = await owner.must('GET', '/people')
    assert.ok(items.every(({ tenant }: { tenant: string }) => tenant === 'acme'))
    const [operator] = (
      (await relay.json('person', 'list')) as { id: string; email: string }[]
    ).filter(({ email }) => email === 'operator@relay.example')
    assert.ok(operator)
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['PATCH', ''],
      ['POST', '/reset'],
    ] as const) {
      const body = method === 'GET' || method === 'DELETE' ? undefined : {}
      const seen = await owner.ask(method, `/people/${operator.id}${path}`, body)
      assert.equal(seen.status, 404, method)
    }
    const grab = { email: 'x@acme.example', role: 'owner', ofInstallation: true }
    assert.equal((await owner.ask('POST', '/people', grab)).status, 422)
  })

  it('who are owners cannot lock themselves out', async () => {
    const owner = await loggedIn(relay, 'owner@acme.example')
    const { person } = await owner.must('GET', '/session')
    const path = `/people/${person.id}`
    for (const [method, body] of [
      ['PATCH', { role: 'reader' }],
      ['PATCH', { isDisabled: true }],
      ['DELETE', undefined],
    ] as const)
      assert.equal((await owner.ask(method, path, body)).status, 409)
    await owner.must('PATCH', path, { name: 'Olga' })
    assert.equal((await owner.must('GET', path)).name, 'Olga')
  })
})

// SPDX-License-Identifier: Apache-2.0
/** People log in: invited, with a password, with a code, and out again. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { days, hours, instant } from '../../src/base/brand.ts'
import { codeAt, stepAt } from '../../src/records/people/totp.ts'
import { ApiBrowser } from '../support/api-browser.ts'
import { invite, loggedIn, PASSWORD } from '../support/people.ts'
import { RunningRelay } from '../support/running-relay.ts'

const COOKIE = '__Host-posthaste'

let relay: RunningRelay

before(async () => {
  relay = await RunningRelay.start({
    config: '[login]\nurl = "https://relay.example.com"\n',
    commands: [
      ['tenant', 'add', 'acme'],
      ['tenant', 'add', 'beta'],
    ],
  })
  await invite(relay, 'owner@example.com', '--role', 'owner', '--installation')
})

after(() => relay[Symbol.asyncDispose]())

/** As an authenticator app makes it. `ahead`: steps of 30 s. */
function codeOf(secret: string, ahead = 0): string {
  const bits = [...secret]
    .map((letter) =>
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
    )
    .join('')
  const octets = Buffer.from(bits.match(/.{8}/g)?.map((octet) => Number.parseInt(octet, 2)) ?? [])
  return codeAt(octets, stepAt(instant(Date.now())) + ahead)
}

describe('Who is invited', () => {
  it('sets a password once, by a link, and logs in with it', async () => {
    const added = (await relay.json(
      ...['person', 'add', 'Ann@Example.com', '--role', 'reader', '--tenant', 'acme'],
    )) as { token: string; link: string; email: string }
    assert.equal(added.email, 'ann@example.com')
    assert.equal(added.link, `https://relay.example.com/set-password#${added.token}`)
    const browser = new ApiBrowser(relay.api)
    const before = await browser.login('ann@example.com', PASSWORD)
    assert.equal(before.status, 401)
    const set = { token: added.token, password: PASSWORD }
    const weak = await browser.ask('POST', '/session/set-password', { ...set, password: 'short' })
    assert.deepEqual([weak.status, weak.body.code], [422, 'RLY_RECORD_INVALID'])
    assert.deepEqual(await browser.must('POST', '/session/set-password', set), {
      email: 'ann@example.com',
      tenant: 'acme',
    })
    const again = await browser.ask('POST', '/session/set-password', set)
    assert.deepEqual([again.status, again.body.code], [401, 'RLY_UNAUTHENTICATED'])
    const { status, body } = await browser.login('ANN@example.com', PASSWORD)
    assert.equal(status, 200)
    assert.deepEqual([body.person.role, body.person.tenant], ['reader', 'acme'])
    assert.deepEqual(body.person.scopes, ['read'])
    assert.equal(body.session.proof, 'password')
  })

  it('may have an address that another tenant knows, and neither learns of the other', async () => {
    await invite(relay, 'twice@example.com', '--role', 'owner', '--tenant', 'acme')
    const { token } = (await relay.json(
      ...['person', 'add', 'twice@example.com', '--role', 'reader', '--tenant', 'beta'],
    )) as { token: string }
    const other = 'quite another pass phrase'
    const browser = new ApiBrowser(relay.api)
    await browser.must('POST', '/session/set-password', { token, password: other })
    const first = await browser.login('twice@example.com', PASSWORD)
    assert.equal(first.body.person.tenant, 'acme')
    assert.equal((await browser.login('twice@example.com', other)).status, 401)
    const named = await browser.login('twice@example.com', other, { tenant: 'beta' })
    assert.deepEqual([named.body.person.tenant, named.body.person.role], ['beta', 'reader'])
    const { code } = await relay.cli(
      ...['person', 'add', 'twice@example.com', '--role', 'owner', '--tenant', 'acme'],
    )
    assert.notEqual(code, 0)
  })
})

describe('A session', () => {
  it('is a cookie that no script, no other host and no plain connection gets', async () => {
    const browser = new ApiBrowser(relay.api)
    const { headers } = await browser.login('owner@example.com', PASSWORD)
    const [cookie = '', ...others] = headers.getSetCookie()
    assert.deepEqual(others, [])
    assert.match(cookie, /^__Host-posthaste=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/)
    assert.equal(headers.get('cache-control'), 'no-store')
  })

  it('is new at each login, whatever cookie the browser brought', async () => {
    const browser = new ApiBrowser(relay.api)
    const planted = 'A'.repeat(43)
    browser.setCookie(COOKIE, planted)
    await browser.login('owner@example.com', PASSWORD)
    const first = browser.cookie(COOKIE)
    assert.notEqual(first, planted)
    await browser.login('owner@example.com', PASSWORD)
    assert.notEqual(browser.cookie(COOKIE), first)
  })

  it('says who it is, and ends with a logout, for copies of its cookie too', async () => {
    const browser = await loggedIn(relay, 'owner@example.com')
    const copy = browser.copy()
    const { person, session } = await browser.must('GET', '/session')
    assert.deepEqual([person.role, person.tenant], ['owner', null])
    const life = Date.parse(session.endsAt) - Date.parse(session.createdAt)
    assert.equal(life, days(7))
    const idle = Date.parse(session.idleAt) - Date.parse(session.createdAt)
    assert.equal(idle, hours(12))
    assert.equal((await copy.ask('GET', '/domains')).status, 200)
    await browser.must('DELETE', '/session')
    assert.equal(browser.cookie(COOKIE), null)
    for (const one of [browser, copy]) assert.equal((await one.ask('GET', '/session')).status, 401)
  })

  it('is listed, and can be ended from another one', async () => {
    await invite(relay, 'lists@example.com', '--role', 'reader', '--tenant', 'acme')
    const [here, there, third] = [
      await loggedIn(relay, 'lists@example.com'),
      await loggedIn(relay, 'lists@example.com'),
      await loggedIn(relay, 'lists@example.com'),
    ]
    const { items } = await here.must('GET', '/session/all')
    assert.equal(items.length, 3)
    const { session } = await there.must('GET', '/session')
    await here.must('DELETE', `/session/all/${session.id}`)
    assert.equal((await there.ask('GET', '/session')).status, 401)
    const foreign = await loggedIn(relay, 'owner@example.com')
    const owns = await third.must('GET', '/session')
    assert.equal((await foreign.ask('DELETE', `/session/all/${owns.session.id}`)).status, 404)
    assert.deepEqual(await here.must('POST', '/session/end-others', {}), { ended: 1 })
    assert.equal((await third.ask('GET', '/session')).status, 401)
    assert.equal((await here.ask('GET', '/session')).status, 200)
  })

  it('survives a restart of the relay', async () => {
    const browser = await loggedIn(relay, 'owner@example.com')
    const cookie = browser.cookie(COOKIE) ?? ''
    await relay.stop()
    await relay.restart()
    const after = new ApiBrowser(relay.api)
    after.setCookie(COOKIE, cookie)
    assert.equal((await after.ask('GET', '/session')).status, 200)
  })

  for (const [what, command] of [
    ['another role', ['change', 'ends@example.com', '--role', 'sender']],
    ['being disabled', ['disable', 'ends@example.com']],
    ['a reset of the password', ['reset-password', 'ends@example.com']],
    ['the end of the person', ['remove', 'ends@example.com']],
  ] as const)
    it(`ends with ${what}`, async () => {
      await relay.cli('person', 'remove', 'ends@example.com')
      await invite(relay, 'ends@example.com', '--role', 'reader', '--tenant', 'acme')
      const browser = await loggedIn(relay, 'ends@example.com')
      await relay.json('person', ...command)
      assert.equal((await browser.ask('GET', '/session')).status, 401)
      const again = await browser.login('ends@example.com', PASSWORD)
      assert.equal(again.status, command[0] === 'change' ? 200 : 401)
    })

  it('goes on under another cookie after a change of the password, and all others end', async () => {
    await invite(relay, 'changes@example.com', '--role', 'reader', '--tenant', 'acme')
    const browser = await loggedIn(relay, 'changes@example.com')
    const other = await loggedIn(relay, 'changes@example.com')
    const before = browser.copy()
    const password = 'another one with many words'
    const wrong = await browser.ask('POST', '/session/password', { current: 'no', password })
    assert.equal(wrong.status, 401)
    await browser.must('POST', '/session/password', { current: PASSWORD, password })
    assert.equal((await browser.ask('GET', '/session')).status, 200)
    for (const old of [other, before]) assert.equal((await old.ask('GET', '/session')).status, 401)
    assert.equal((await browser.login('changes@example.com', PASSWORD)).status, 401)
    assert.equal((await browser.login('changes@example.com', password)).status, 200)
  })
})

describe('A second factor', () => {
  it('is wanted once it is confirmed, takes each code once, and can be recovered from', async () => {
    const email = 'factor@example.com'
    await invite(relay, email, '--role', 'operator', '--tenant', 'acme')
    const browser = await loggedIn(relay, email)
    assert.equal((await browser.ask('POST', '/session/totp', { password: 'no' })).status, 401)
    const { secret, uri } = await browser.must('POST', '/session/totp', { password: PASSWORD })
    assert.match(
      uri,
      /^otpauth:\/\/totp\/Posthaste%20relay\.example\.com:factor%40example\.com\?secret=/,
    )
    assert.equal((await loggedIn(relay, email)).cookie(COOKIE)?.length, 43, 'not confirmed yet')
    const bad = await browser.ask('POST', '/session/totp/confirm', { code: '000000' })
    assert.deepEqual([bad.status, bad.body.code], [401, 'RLY_CODE_WANTED'])
    const code = codeOf(secret)
    const { recoveryCodes } = await browser.must('POST', '/session/totp/confirm', { code })
    assert.equal(recoveryCodes.length, 10)

    const fresh = new ApiBrowser(relay.api)
    const without = await fresh.login(email, PASSWORD)
    assert.deepEqual([without.status, without.body.code], [401, 'RLY_CODE_WANTED'])
    const wrongPassword = await fresh.login(email, 'wrong', { code: codeOf(secret, 1) })
    assert.equal(wrongPassword.body.code, 'RLY_UNAUTHENTICATED')
    const replayed = await fresh.login(email, PASSWORD, { code })
    assert.deepEqual([replayed.status, replayed.body.code], [401, 'RLY_CODE_WANTED'])
    const next = codeOf(secret, 1)
    const both = await Promise.all([
      new ApiBrowser(relay.api).login(email, PASSWORD, { code: next }),
      new ApiBrowser(relay.api).login(email, PASSWORD, { code: next }),
    ])
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 401], 'one code, one login')

    const [recovery = ''] = recoveryCodes as string[]
    const recovered = await fresh.login(email, PASSWORD, { code: recovery.toLowerCase() })
    assert.equal(recovered.body.session.proof, 'recovery-code')
    assert.equal(recovered.body.person.recoveryCodesLeft, 9)
    assert.equal((await fresh.login(email, PASSWORD, { code: recovery })).status, 401)

    const renewed = await fresh.must('POST', '/session/recovery-codes', { password: PASSWORD })
    const gone = await fresh.login(email, PASSWORD, { code: recoveryCodes[1] })
    assert.equal(gone.status, 401)
    await fresh.must('POST', '/session/totp/disable', {
      password: PASSWORD,
      code: renewed.recoveryCodes[0],
    })
    assert.equal((await new ApiBrowser(relay.api).login(email, PASSWORD)).status, 200)
  })

  it('goes with a reset that says so, and stays with one that does not', async () => {
    const email = 'lost@example.com'
    await invite(relay, email, '--role', 'operator', '--tenant', 'acme')
    const browser = await loggedIn(relay, email)
    const { secret } = await browser.must('POST', '/session/totp', { password: PASSWORD })
    await browser.must('POST', '/session/totp/confirm', { code: codeOf(secret) })
    for (const [options, status] of [
      [[], 401],
      [['--second-factor'], 200],
    ] as const) {
      const { token } = (await relay.json('person', 'reset-password', email, ...options)) as {
        token: string
      }
      await browser.must('POST', '/session/set-password', { token, password: PASSWORD })
      assert.equal((await browser.login(email, PASSWORD)).status, status)
    }
  })
})

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { type Asked, WebRig } from '../../../test/support/web-rig.ts'
import { webLimits } from '../../base/limits/web-limits.ts'
import { PeerNetworks } from '../../smtp/peer-networks.ts'

const running = new AsyncDisposableStack()
let rig: WebRig

before(async () => {
  rig = running.use(await WebRig.start())
})
after(() => running.disposeAsync())

const ONE_CLICK: Asked = {
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: 'List-Unsubscribe=One-Click',
}

function wishes() {
  return rig.events.kept.filter(({ type }) => type === 'message.unsubscribed')
}

describe('A link to unsubscribe', () => {
  it('changes nothing when it is looked at, and shows a page with a button and nothing from elsewhere', async () => {
    const id = rig.events.add('jane@example.net')
    const path = `/u/${rig.token(id, 'jane@example.net')}`
    const before = rig.events.kept.length
    const answer = await rig.ask(path)
    assert.equal(answer.status, 200)
    assert.match(answer.body, /<h1>Unsubscribe from shop\.example\?<\/h1>/)
    assert.match(answer.body, /<form method="post">/)
    assert.doesNotMatch(answer.body, /<script|https?:|jane/)
    assert.equal((await rig.ask(path, { method: 'HEAD' })).status, 200)
    assert.equal(rig.events.kept.length, before)
    for (const [name, value] of [
      ['cache-control', /no-store/],
      ['content-security-policy', /default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/],
      ['referrer-policy', /no-referrer/],
      ['x-content-type-options', /nosniff/],
    ] as const)
      assert.match(String(answer.headers[name]), value)
    assert.equal(answer.headers['set-cookie'], undefined)
  })

  it('counts at once when it is posted, in both encodings, in any letters, and once however often', async () => {
    const id = rig.events.add('click@example.net')
    const token = rig.token(id, 'click@example.net')
    const multipart: Asked = {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary="b 1"' },
      body: '--b 1\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b 1--\r\n',
    }
    const from = wishes().length
    for (const [path, asked] of [
      [`/u/${token.toUpperCase()}`, multipart],
      [`/u/${token}`, ONE_CLICK],
    ] as const) {
      const answer = await rig.ask(path, asked)
      assert.equal(answer.status, 200)
      assert.match(answer.body, /You are unsubscribed/)
      assert.equal(answer.headers.location, undefined)
    }
    const [wish, ...others] = wishes().slice(from)
    assert.deepEqual(others, [])
    assert.ok(wish?.type === 'message.unsubscribed')
    assert.deepEqual(
      [wish.recipient, wish.by, wish.certainty, wish.peer],
      ['click@example.net', 'one-click', 'proven', '127.0.0.1'],
    )
  })

  it('tells the button of its own page from that of a mail program', async () => {
    const id = rig.events.add('page@example.net')
    const token = rig.token(id, 'page@example.net')
    await rig.ask(`/u/${token}`, { ...ONE_CLICK, body: `${ONE_CLICK.body}&from=page` })
    const wish = wishes().at(-1)
    assert.ok(wish?.type === 'message.unsubscribed')
    assert.equal(wish.by, 'page')
  })

  it('does nothing where the form does not say so, or is no form', async () => {
    const id = rig.events.add('odd@example.net')
    const path = `/u/${rig.token(id, 'odd@example.net')}`
    const from = wishes().length
    for (const asked of [
      { ...ONE_CLICK, body: '' },
      { ...ONE_CLICK, body: 'List-Unsubscribe=no' },
      { ...ONE_CLICK, headers: { 'content-type': 'application/json' } },
      { ...ONE_CLICK, headers: { 'content-type': 'multipart/form-data' } },
    ]) {
      const answer = await rig.ask(path, asked)
      assert.equal(answer.status, 400)
      assert.match(answer.body, /not unsubscribed yet/)
    }
    assert.equal(wishes().length, from)
  })

  it('of a message that is long gone suppresses by its hash, of the tenant whose domain it names', async () => {
    const id = rig.events.add('gone@example.net')
    const token = rig.token(id, 'gone@example.net')
    rig.events.forget(id)
    const answer = await rig.ask(`/u/${token}/shop.example`, {
      ...ONE_CLICK,
      host: 'links.relay.example',
    })
    assert.equal(answer.status, 200)
    const gone = rig.events.kept.at(-1)
    assert.ok(gone?.type === 'report.received')
    assert.deepEqual([gone.fate, gone.kind, gone.tenant], ['gone', 'unsubscribe', 'shop'])
    assert.match(String(gone.addressHash), /^[0-9a-f]{16}$/)
  })

  it('is about the message of its token, whosever name it came by', async () => {
    const id = rig.events.add('own@example.net')
    const [path, host] = [`/u/${rig.token(id, 'own@example.net')}`, 'click.news.example']
    await rig.ask(path, { ...ONE_CLICK, host })
    const wish = wishes().at(-1)
    assert.ok(wish?.type === 'message.unsubscribed')
    assert.equal(wish.tenant, (await rig.events.received(id))?.tenant)
    assert.notEqual(wish.tenant, 'news')
  })

  it('that is too old is counted, changes nothing, and says what to do', async () => {
    const id = rig.events.add('old@example.net')
    const path = `/u/${rig.token(id, 'old@example.net', -2)}`
    const from = wishes().length
    assert.match((await rig.ask(path)).body, /too old/)
    assert.equal((await rig.ask(path, ONE_CLICK)).status, 410)
    const told = rig.events.kept.at(-1)
    assert.ok(told?.type === 'report.received')
    assert.equal(told.fate, 'expired')
    assert.equal(wishes().length, from)
  })

  it('is answered 503, and counts the next time, where it cannot be made durable', async () => {
    const id = rig.events.add('disk@example.net')
    const path = `/u/${rig.token(id, 'disk@example.net')}`
    rig.events.fails = true
    const failed = await rig.ask(path, ONE_CLICK)
    assert.equal(failed.status, 503)
    assert.equal(failed.headers['retry-after'], '60')
    assert.equal((await rig.ask(path, ONE_CLICK)).status, 200)
  })
})

describe('What recipients reach', () => {
  it('has nothing under a name that is none of ours, nor of a domain that nobody has verified', async () => {
    const path = `/u/${rig.token(rig.events.add('a@b.example'), 'a@b.example')}`
    for (const host of [
      'evil.example',
      'click.new.example',
      '',
      'click.shop.example.evil.example',
      'click.shop.example:x',
      'click.shop.example, evil.example',
    ]) {
      const { body, status } = await rig.ask(path, { host })
      assert.equal(status, 421)
      assert.doesNotMatch(body, /evil/)
    }
    for (const host of ['CLICK.shop.example:8443', 'links.relay.example', 'click.news.example'])
      assert.equal((await rig.ask(path, { host })).status, 200)
    assert.deepEqual((await rig.ask('/healthz', { host: '192.0.2.1' })).body, 'ok\n')
  })

  it('answers in sentences to what is too large, too long, unknown or cannot be done', async () => {
    const path = `/u/${rig.token(rig.events.add('a@b.example'), 'a@b.example')}`
    const large = { ...ONE_CLICK, body: 'x'.repeat(webLimits.bodyOctets + 1) }
    assert.equal((await rig.ask(path, large)).status, 413)
    assert.equal((await rig.ask(`/u/${'x'.repeat(webLimits.pathCharacters)}`)).status, 414)
    assert.equal((await rig.ask('/')).status, 404)
    assert.equal((await rig.ask('/u')).status, 404)
    const answer = await rig.ask(path, { method: 'DELETE' })
    assert.deepEqual([answer.status, answer.headers.allow], [405, 'GET, HEAD, POST'])
  })

  it('says nothing of a link that carries markup, or of what stands behind it', async () => {
    const path = `/u/${rig.token(rig.events.add('a@b.example'), 'a@b.example')}`
    const { body } = await rig.ask(`${path}/%3Cscript%3E`, { host: 'links.relay.example' })
    assert.match(body, /<h1>Unsubscribe\?<\/h1>/)
    assert.doesNotMatch(body, /script/)
  })

  it('cuts a request whose fields never end', async () => {
    const socket = connect(rig.port, '127.0.0.1')
    socket.write(`GET /healthz HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(webLimits.headerOctets)}`)
    assert.match(await text(socket), /^HTTP\/1\.1 431 /)
  })

  it('keeps one network from having all connections', async () => {
    await using own = await WebRig.start()
    const sockets = Array.from({ length: webLimits.connectionsPerNetwork + 1 }, () =>
      connect(own.port, '127.0.0.1').on('error', () => {}),
    )
    const ended = await Promise.race(
      sockets.map((socket) => once(socket, 'close').then(() => socket)),
    )
    assert.ok(sockets.includes(ended))
    for (const socket of sockets) socket.destroy()
  })

  it('slows down who brings words that are none of ours, and takes a good one from there all the same', async () => {
    await using own = await WebRig.start()
    const good = own.token(own.events.add('a@b.example'), 'a@b.example')
    const other = new Map<number, number>()
    for (let at = 0; at < webLimits.badPerMinute + 20; at++) {
      const forged = `${good.slice(0, 40)}${at.toString(32).padStart(20, '0')}`
      const { status } = await own.ask(`/u/${forged}`, ONE_CLICK)
      other.set(status, (other.get(status) ?? 0) + 1)
    }
    assert.deepEqual(
      [...other],
      [
        [404, webLimits.badPerMinute],
        [429, 20],
      ],
    )
    assert.equal(own.badWords.forged, webLimits.badPerMinute + 20)
    assert.equal(own.events.kept.length, 0)
    assert.equal((await own.ask(`/u/${good}`, ONE_CLICK)).status, 200)
  })

  it('believes a named proxy who the client is, and nobody else', async () => {
    const loopback = { address: '127.0.0.0', prefix: 8, family: 4 } as const
    for (const [networks, expected] of [
      [[loopback], '198.51.100.7'],
      [[], '127.0.0.1'],
    ] as const) {
      await using own = await WebRig.start(new PeerNetworks(networks))
      const token = own.token(own.events.add('a@b.example'), 'a@b.example')
      const headers = { ...ONE_CLICK.headers, 'x-forwarded-for': '10.0.0.1, 198.51.100.7' }
      await own.ask(`/u/${token}`, { ...ONE_CLICK, headers })
      const wish = own.events.kept.at(-1)
      assert.ok(wish?.type === 'message.unsubscribed')
      assert.equal(wish.peer, expected)
    }
  })
})

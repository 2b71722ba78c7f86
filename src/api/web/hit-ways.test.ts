// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { WebRig } from '../../../test/support/web-rig.ts'
import { webLimits } from '../../base/limits/web-limits.ts'

const BROWSER = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/130.0' }
const target = 'https://shop.example/sale?a=1&b=%20x#top'

const running = new AsyncDisposableStack()
let rig: WebRig

before(async () => {
  rig = running.use(await WebRig.start())
})
after(() => running.disposeAsync())

async function told() {
  await rig.queue.settled()
  return rig.events.kept.splice(0)
}

describe('A link that is followed', () => {
  it('leads on to where it was made for, is not kept by anybody, and is told', async () => {
    const id = rig.events.add('jane@example.net')
    const answer = await rig.ask(rig.click(id, target), { headers: BROWSER })
    assert.deepEqual([answer.status, answer.headers.location], [302, target])
    assert.match(String(answer.headers['cache-control']), /no-store/)
    assert.equal(answer.headers['set-cookie'], undefined)
    const [event, ...others] = await told()
    assert.deepEqual(others, [])
    assert.ok(event?.type === 'message.clicked')
    assert.deepEqual([event.link, event.agent, event.machine], [target, 'desktop', null])
  })

  it('leads on all the same where its message is gone, or only a program looks', async () => {
    const id = rig.events.add('jane@example.net')
    const answer = await rig.ask(rig.click(id, target), { method: 'HEAD', headers: BROWSER })
    assert.deepEqual([answer.status, answer.body], [302, ''])
    const [event] = await told()
    assert.ok(event?.type === 'message.clicked')
    assert.equal(event.machine, 'head')
    rig.events.forget(id)
    assert.equal((await rig.ask(rig.click(id, `${target}2`))).status, 302)
    assert.deepEqual(await told(), [])
  })

  it('leads nowhere else, whatever somebody makes of it', async () => {
    const id = rig.events.add('jane@example.net')
    const good = rig.click(id, target)
    const odd = ['javascript:alert(1)', '//evil.example', 'https://a.example/\r\nset-cookie: x=1']
    for (const path of [
      rig.click(id, 'https://evil.example/', target),
      good.replace('/c/', '/o/'),
      `${good}x`,
      good.slice(0, -4),
      `${good.split('/').slice(0, 3).join('/')}`,
      '/c',
      ...odd.map((each) => rig.click(id, each)),
    ]) {
      const { headers, status } = await rig.ask(path)
      assert.equal(status, 404, path)
      assert.equal(headers.location, undefined)
      assert.equal(headers['set-cookie'], undefined)
    }
    assert.equal((await rig.ask(good, { method: 'POST' })).status, 405)
    assert.deepEqual(await told(), [])
  })
})

describe('The picture', () => {
  it('is one dot of 43 octets that nobody keeps, and is told', async () => {
    const id = rig.events.add('jane@example.net')
    const answer = await rig.ask(rig.picture(id), {
      headers: { 'user-agent': 'Mozilla/5.0 (via ggpht.com GoogleImageProxy)' },
    })
    const { headers, status } = answer
    assert.deepEqual(
      [status, headers['content-type'], headers['content-length']],
      [200, 'image/gif', '43'],
    )
    assert.match(String(headers['cache-control']), /no-store/)
    const [event] = await told()
    assert.ok(event?.type === 'message.opened')
    assert.deepEqual([event.agent, event.machine], ['proxy', 'image-proxy'])
  })

  it('is none where its word is not ours, and who tries many is slowed down', async () => {
    await using own = await WebRig.start()
    const statuses: number[] = []
    for (let at = 0; at < webLimits.badPerMinute + 5; at++)
      statuses.push((await own.ask(`/o/${String(at).padStart(42, 'a')}.gif`)).status)
    assert.deepEqual([...new Set(statuses)], [404, 429])
    await own.queue.settled()
    assert.equal(own.events.kept.length, 0)
  })
})

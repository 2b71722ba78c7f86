// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { silentLog } from '../../base/log.ts'
import type { MailDesk } from '../../control/desk/mail-desk.ts'
import { ControlClient } from '../control-client.ts'
import { ControlSocket } from '../control-socket.ts'
import { CHANNEL_HEADER, CHANNEL_VERSION, checkChannelVersion } from './channel-version.ts'
import { messages } from './messages.ts'

const desk = { status: async () => ({ node: 'here' }) } as unknown as MailDesk

async function withSocket(work: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'channel-'))
  const path = join(folder, 'control.sock')
  const socket = new ControlSocket(path, desk, new AbortController().signal, silentLog)
  await socket.listen()
  try {
    await work(path)
  } finally {
    await socket.close()
    rmSync(folder, { recursive: true })
  }
}

/** The answer to `status` of somebody who says that it speaks `version`. */
function statusAs(socketPath: string, version: number | null): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const headers = version === null ? {} : { [CHANNEL_HEADER]: version }
    const asked = request({ socketPath, path: messages.status.path, headers }, (answer) => {
      void text(answer).then((body) => resolve([answer.statusCode ?? 0, body]))
    })
    asked.on('error', reject).end()
  })
}

test('Both sides of the channel read their own version and the one before, and a person who says none', async () => {
  await withSocket(async (path) => {
    assert.deepEqual(await new ControlClient(path).ask(messages.status, {}), { node: 'here' })
    for (const version of [CHANNEL_VERSION, CHANNEL_VERSION - 1, null])
      assert.equal((await statusAs(path, version))[0], 200)
  })
})

test('Other versions are refused with a sentence, by who is asked and by who gets the answer', async () => {
  await withSocket(async (path) => {
    for (const version of [CHANNEL_VERSION + 1, CHANNEL_VERSION - 2]) {
      const [status, body] = await statusAs(path, version)
      assert.equal(status, 422)
      assert.match(body, /RLY_CHANNEL_VERSION.*speaks version .* start both from the same/)
    }
  })
  const newer = String(CHANNEL_VERSION + 1)
  assert.throws(() => checkChannelVersion(newer, 'the relay'), { code: 'RLY_CHANNEL_VERSION' })
})

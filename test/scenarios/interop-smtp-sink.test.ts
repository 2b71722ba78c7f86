// SPDX-License-Identifier: Apache-2.0
/** A receiver of another school: Postfix's own test server, which offers neither STARTTLS nor CHUNKING. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { DeliveredEvent } from '../../src/events/event.ts'
import { freePort, untilListening } from '../support/free-port.ts'
import { programNamed, unlessInstalled } from '../support/installed.ts'
import { InteropStage, RECIPIENT, SENDER } from '../support/interop-stage.ts'
import { send } from '../support/relay-mail.ts'

const skip = unlessInstalled('smtp-sink')

test("Postfix's smtp-sink gets mail whose signatures verify", { skip }, async () => {
  const port = await freePort()
  await using receiver = await startSmtpSink(port)
  await using stage = await InteropStage.open(port)
  const messageId = await send(stage.relay, { from: SENDER, to: [RECIPIENT], text: 'Hello.' })
  const { tls, reply, mx } = await stage.relay.waitForEvent(
    (event): event is DeliveredEvent =>
      event.type === 'message.delivered' && event.messageId === messageId,
  )
  assert.equal(tls, null)
  assert.equal(reply.code, 250)
  assert.equal(mx, `mx.example.net[127.0.0.1]:${port}`)
  const [message, ...others] = receiver.messages()
  assert.ok(message)
  assert.equal(others.length, 0)
  assert.match(message.toString(), /^X-Rcpt-Args: <jane@example\.net>/m)
  await stage.verify(message)
})

async function startSmtpSink(port: number) {
  const folder = await mkdtemp(join(tmpdir(), 'posthaste-smtp-sink-'))
  // It gives up root, and must still write here.
  chmodSync(folder, 0o777)
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const args = [...user, '-d', join(folder, '%M.'), `127.0.0.1:${port}`, '10']
  const child = spawn(programNamed('smtp-sink') ?? 'smtp-sink', args, { stdio: 'ignore' })
  const ended = once(child, 'exit')
  const receiver = {
    /** In files with the line ends of the system, under fields with the envelope. */
    messages: (): readonly Buffer[] =>
      readdirSync(folder).map((name) =>
        Buffer.from(readFileSync(join(folder, name), 'latin1').replaceAll('\n', '\r\n'), 'latin1'),
      ),
    async [Symbol.asyncDispose]() {
      child.kill()
      await ended
      await rm(folder, { recursive: true })
    },
  }
  try {
    await untilListening(port, () => `smtp-sink ${args.join(' ')}: exit code ${child.exitCode}`)
    return receiver
  } catch (thrown) {
    await receiver[Symbol.asyncDispose]()
    throw thrown
  }
}

// SPDX-License-Identifier: Apache-2.0
/** `posthaste sink` as people run it: a process that ends by a signal. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { createTransport } from 'nodemailer'

const bin = fileURLToPath(new URL('../../bin/posthaste.js', import.meta.url))

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  test(`the sink takes mail until ${signal}, and then sums up`, async () => {
    const args = [bin, 'sink', '--port', '0', '--tls', '--json']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const next = async () => JSON.parse((await lines.next()).value ?? '{}')

    const { where } = await next()
    const transport = createTransport({
      host: '127.0.0.1',
      port: Number(where.split(':')[1]),
      requireTLS: true,
      tls: { rejectUnauthorized: false },
    })
    await transport.sendMail({ from: 'a@example.org', to: 'ok@example.net', text: 'hello' })
    const { outcome, recipients } = await next()
    assert.deepEqual([outcome, recipients], ['accepted', ['ok@example.net']])

    child.kill(signal)
    const summary = await next()
    assert.deepEqual([summary.outcome, summary.messages], ['summary', 1])
    const [exitCode] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode]
    assert.equal(exitCode, 0)
  })

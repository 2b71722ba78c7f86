// SPDX-License-Identifier: Apache-2.0
/** `posthaste sendmail` for programs that know sendmail alone: PHP, cron, whoever pipes a message. */
import assert from 'node:assert/strict'
import { globSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { program } from '../support/command-line.ts'
import { runProgram } from '../support/finished-program.ts'
import { routeTo } from '../support/relay-config.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'
import { unpackedProgram } from '../support/unpacked-program.ts'

const { files: php, skip } = await unpackedProgram('php-cli', 'libphp-phpmailer')
const MESSAGE =
  'From: shop@shop.example\nTo: ann@example.net\nSubject: Hello\n\nIt works.\n.\nStill.\n'

async function started() {
  const sink = await startSink()
  const relay = await RunningRelay.start({ domains: ['shop.example'], config: routeTo(sink.port) })
  return {
    sink,
    relay,
    /** As a user who may open the control socket. */
    own: { ...process.env, POSTHASTE_CONFIG: relay.configFile, POSTHASTE_ORIGIN: 'shop.example' },
    async [Symbol.asyncDispose]() {
      await relay[Symbol.asyncDispose]()
      await sink[Symbol.asyncDispose]()
    },
  }
}

function sendmail(args: readonly string[], input: string, environment: NodeJS.ProcessEnv) {
  const all = [program, 'sendmail', ...args]
  return runProgram(process.execPath, all, { input, environment })
}

type Stage = Awaited<ReturnType<typeof started>>

/** The content of each of so many recipients, once they have it. */
async function delivered({ relay, sink }: Stage, count: number): Promise<readonly string[]> {
  let seen = 0
  await relay.waitForEvent((event) => event.type === 'message.delivered' && ++seen === count)
  return sink.messages.map(({ content }) => content.toString('latin1'))
}

test('A message from a pipe goes out, and nothing is said', async () => {
  await using stage = await started()
  const { code, stdout, stderr } = await sendmail(['-t', '-i'], MESSAGE, stage.own)
  assert.deepEqual([code, stdout, stderr], [0, '', ''])
  const [content] = await delivered(stage, 1)
  assert.match(content ?? '', /\r\n\r\nIt works\.\r\n\.\r\nStill\.\r\n$/)
})

test('A user who may not open the control socket hands in with a secret', async () => {
  await using stage = await started()
  const secretFile = join(stage.relay.folder, 'secret')
  writeFileSync(secretFile, `${stage.relay.secret}\n`)
  const environment = {
    ...process.env,
    POSTHASTE_SUBMISSION: `127.0.0.1:${stage.relay.port}`,
    POSTHASTE_SECRET_FILE: secretFile,
  }
  const args = ['-i', '-f', 'shop@shop.example', 'ann@example.net', 'bo@example.net']
  assert.equal((await sendmail(args, MESSAGE, environment)).code, 0)
  const contents = await delivered(stage, 2)
  assert.match(contents[0] ?? '', /\r\n\r\nIt works\.\r\n\.\r\nStill\.\r\n$/)
  writeFileSync(secretFile, 'ph_wrong\n')
  const refused = await sendmail(args, MESSAGE, environment)
  assert.equal(refused.code, 65)
  assert.match(refused.stderr, /535 5\.7\.8/)
})

test('A link called sendmail does for cron, with names that stand alone', async () => {
  await using stage = await started()
  const link = join(stage.relay.folder, 'sendmail')
  symlinkSync(program, link)
  const args = [link, '-FCronDaemon', '-i', '-B8BITMIME', '-oem', 'ann@example.net']
  const input = 'From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@host> true\n\nout\n'
  const { code, stderr } = await runProgram(process.execPath, args, {
    input,
    environment: stage.own,
  })
  assert.equal(code, 0, stderr)
  const [content] = await delivered(stage, 1)
  assert.match(content ?? '', /^From: "Cron Daemon" <root@shop\.example>\r$/m)
})

test('The exit status says what a caller may do', async () => {
  await using stage = await started()
  const foreign = MESSAGE.replace('shop.example', 'other.example')
  assert.equal((await sendmail(['-t', '-i'], foreign, stage.own)).code, 65)
  assert.equal((await sendmail(['-i'], MESSAGE, stage.own)).code, 64)
  assert.equal((await sendmail(['-bp'], '', stage.own)).code, 64)
  await stage.relay.stop()
  assert.equal((await sendmail(['-t', '-i'], MESSAGE, stage.own)).code, 69)
})

test('mail() of PHP', { skip }, async () => {
  await using stage = await started()
  assert.ok(php)
  const path = `${process.execPath} ${program} sendmail -t -i`
  const script =
    'exit(mail("ann@example.net", "Hello", "It works.\\n.\\nStill.", "From: shop@shop.example", "-fshop@shop.example") ? 0 : 1);'
  const { code, stdout, stderr } = await runProgram(
    globSync(php.path('usr/bin/php[0-9]*'))[0] ?? '',
    ['-n', '-d', `sendmail_path=${path}`, '-r', script],
    { environment: { ...php.environment, ...stage.own } },
  )
  assert.equal(code, 0, stdout + stderr)
  const [content] = await delivered(stage, 1)
  assert.match(content ?? '', /\r\n\r\nIt works\.\r\n\.\r\nStill\.\r\n$/)
})

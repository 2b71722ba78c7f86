// SPDX-License-Identifier: Apache-2.0
/** Transcripts replayed over real sockets, whole and cut into pieces: how octets come in changes no reply. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { SeededRandom } from '../../src/base/random.ts'
import { RunningListener } from '../support/running-listener.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'
import { readTranscripts, type Transcript } from '../support/transcript.ts'

/** Splits what a client says into what it writes at once. */
type Chunking = (said: string) => Iterable<string>

const random = new SeededRandom(7)

const chunkings: Readonly<Record<string, Chunking>> = {
  'at once': (said) => [said],
  'line by line': (said) => said.split(/(?<=\n)/),
  'cut before each LF': (said) => said.split(/(?=\n)/),
  'octet by octet': (said) => said,
  'at random': function* (said) {
    for (let at = 0, next = 0; at < said.length; at = next) {
      next = at + 1 + Math.floor(random.fraction() * 9)
      yield said.slice(at, next)
    }
  },
}

for (const file of ['transaction.txt', 'chunking.txt'])
  for (const transcript of readTranscripts('submission', file))
    describe(transcript.name, () => {
      for (const [name, chunking] of Object.entries(chunkings))
        test(name, () => replay(transcript, chunking))
    })

async function replay(transcript: Transcript, chunking: Chunking): Promise<void> {
  await using running = await RunningListener.start({ allowClearTextAuth: 'loopback' })
  await using dialog = await SmtpDialog.open(running.port)
  for (const { said, heard } of transcript.turns) {
    for (const chunk of chunking(said)) {
      dialog.send(chunk)
      await nextTurn()
    }
    const lines: string[] = []
    while (lines.length < heard.length) lines.push(...(await dialog.reply()).split('\n'))
    assert.deepEqual(
      lines.map((line, at) => masked(line, heard[at])),
      heard,
    )
  }
}

/** The line that was expected where `*` stands for its end. */
function masked(line: string, expected = ''): string {
  return expected.endsWith('*') && line.startsWith(expected.slice(0, -1)) ? expected : line
}

// SPDX-License-Identifier: Apache-2.0
/** Every dialog of `server/`, in every split of what the client says; and a part of them over sockets. */
import { describe, test } from 'node:test'
import { SeededRandom } from '../../src/base/random.ts'
import { type Ground, playServer } from './server-player.ts'
import { told } from './told.ts'
import {
  atOnce,
  atRandom,
  beforeEachLf,
  octetByOctet,
  type Split,
  transcripts,
} from './transcript.ts'

const ways: readonly (readonly [name: string, split: Split, ground: Ground])[] = [
  ['at once', atOnce, 'memory'],
  ['octet by octet', octetByOctet, 'memory'],
  ['cut before each LF', beforeEachLf, 'memory'],
  ...[1, 2].map((seed) => {
    const random = new SeededRandom(seed)
    return [`at random, seed ${seed}`, atRandom(() => random.fraction()), 'memory'] as const
  }),
]

/** Of the dialogs, each that is so many after the last also goes over a socket. */
const SAMPLE = 3

let count = 0
for (const [subject, dialogs] of transcripts('server'))
  describe(subject, () => {
    for (const dialog of dialogs) {
      const seed = count++
      test(dialog.promise, async () => {
        const isOnePiece = dialog.settings.has('in one piece')
        for (const [name, split, ground] of isOnePiece ? ways.slice(0, 1) : ways)
          await told(name, playServer(dialog, split, ground))
        const random = new SeededRandom(seed)
        const split = atRandom(() => random.fraction())
        if (seed % SAMPLE === 0 && !isOnePiece)
          await told('over a socket', playServer(dialog, split, 'socket'))
      })
    }
  })

// SPDX-License-Identifier: Apache-2.0
/** Every dialog of `client/`, with the server's words in every split. */
import { describe, test } from 'node:test'
import { SeededRandom } from '../../src/base/random.ts'
import { playClient } from './client-player.ts'
import { told } from './told.ts'
import { atOnce, atRandom, octetByOctet, type Split, transcripts } from './transcript.ts'

const random = new SeededRandom(1)

const ways: readonly (readonly [name: string, split: Split])[] = [
  ['at once', atOnce],
  ['octet by octet', octetByOctet],
  ['at random, seed 1', atRandom(() => random.fraction())],
]

for (const [subject, dialogs] of transcripts('client'))
  describe(subject, () => {
    for (const dialog of dialogs)
      test(dialog.promise, async () => {
        const isOnePiece = dialog.settings.has('in one piece')
        for (const [name, split] of isOnePiece ? ways.slice(0, 1) : ways)
          await told(name, playClient(dialog, split))
      })
  })

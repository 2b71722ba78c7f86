// SPDX-License-Identifier: Apache-2.0
/** Reads the key file from the disk. */
import { readFileSync, statSync } from 'node:fs'
import { messageOf, RelayError, systemCode } from '../base/errors.ts'
import { type Keyring, parseKeyFile } from '../base/keyring.ts'
import { SystemRandom } from '../base/random.ts'

/** Permissions of group and others. */
const FOREIGN_BITS = 0o077

/** Throws `RLY_KEY_FILE` where it is missing, readable by others, or not a key file. */
export function readKeyFile(file: string): Keyring {
  let text: string
  try {
    if ((statSync(file).mode & FOREIGN_BITS) !== 0)
      throw new RelayError(
        'RLY_KEY_FILE',
        `the key file ${file} is open to others; run: chmod 600 ${file}`,
      )
    text = readFileSync(file, 'utf8')
  } catch (thrown) {
    // Ours from above, or whatever the file system says.
    if (thrown instanceof RelayError) throw thrown
    const why =
      systemCode(thrown) === 'ENOENT'
        ? 'is not there; "posthaste init" makes one, and without the old one sealed secrets are lost'
        : `cannot be read: ${messageOf(thrown)}`
    throw new RelayError('RLY_KEY_FILE', `the key file ${file} ${why}`, { cause: thrown })
  }
  return parseKeyFile(text, file, new SystemRandom())
}

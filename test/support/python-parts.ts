// SPDX-License-Identifier: Apache-2.0
/** What Python's `email` reads in messages: of each, its parts with their types, decoded. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PYTHON = '/usr/bin/python3'
const SCRIPT = `
import sys, json, hashlib
from email.parser import BytesParser
for name in sys.argv[1:]:
    parts = []
    for part in BytesParser().parse(open(name, 'rb')).walk():
        octets = b'' if part.is_multipart() else part.get_payload(decode=True)
        parts.append([part.get_content_type(), part.get_content_charset(), part.get_filename(), hashlib.sha256(octets).hexdigest()])
    print(json.dumps(parts))
`

export const hasPython: boolean = spawnSync(PYTHON, ['-c', 'import email']).status === 0

/** One line for each message. */
export function partsReadByPython(messages: readonly Buffer[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'posthaste-parts-'))
  try {
    const files = messages.map((octets, index) => {
      const file = join(folder, `${index}.eml`)
      writeFileSync(file, octets)
      return file
    })
    const { stdout, stderr, status } = spawnSync(PYTHON, ['-c', SCRIPT, ...files])
    if (status !== 0) throw new Error(`python3 ended with ${status}: ${stderr}`)
    return stdout.toString().trim().split('\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KeyLines } from './key-lines.ts'

const text = `hostname = "a" # first
"data_dir" = '/var = [x]'
dns.servers = [
  "127.0.0.1", # ] not the end
  "[::1]:53",
]
banner = """
hostname = "inside a string"
"""
[listen . submission]
address = "x"

[[source]]
name = "one"
[source.extra]
a = 1
[[source]]
name = "two"
[source.extra]
a = 2
[delivery.timeouts]
connect = "1s"
table = { inner = 1 }
`

describe('KeyLines', () => {
  const lines = new KeyLines(text)
  for (const [path, line] of [
    [['hostname'], 1],
    [['data_dir'], 2],
    [['dns', 'servers'], 3],
    [['dns', 'servers', 1], 3],
    [['banner'], 7],
    [['listen'], 10],
    [['listen', 'submission', 'address'], 11],
    [['source', 0], 13],
    [['source', 0, 'name'], 14],
    [['source', 0, 'extra', 'a'], 16],
    [['source', 1, 'name'], 18],
    [['source', 1, 'extra', 'a'], 20],
    [['delivery', 'timeouts', 'connect'], 22],
    [['delivery', 'timeouts', 'table', 'inner'], 23],
    [['delivery', 'absent'], 21],
    [['absent'], 1],
  ] as const)
    it(`finds ${path.join('.')} on line ${line}`, () => assert.equal(lines.lineOf(path), line))
})

// SPDX-License-Identifier: Apache-2.0
/** The benchmarks of one hop with a little mail, so that they cannot rot; `docs/performance.md` has the long ones. No figure is judged. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { exitCodeOf } from '../support/command-line.ts'

const little = ['--warmup', '20', '--size', '4k', '--connections', '4', '--json']

test('The hop benchmark says what its mail cost, by stages, and draws where the time went', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flame-'))
  const flame = join(folder, 'flame.html')
  const { code, stdout, stderr } = await bench(
    'hop.ts',
    ...['--messages', '100', '--runs', '1', '--flame', flame, ...little],
  )
  assert.equal(code, 0, stderr)
  const [result] = JSON.parse(stdout).results
  assert.equal(result.lost + result.duplicates + result.failed + result.unsigned, 0)
  const stages = result.stages.map(({ stage }: { readonly stage: string }) => stage)
  for (const wanted of ['pool: signatures', 'sessions in', 'content and signing', 'journal'])
    assert.ok(stages.includes(wanted), `${wanted} in ${stages}`)
  const page = readFileSync(flame, 'utf8')
  assert.match(page, /"name":"onStreamRead","place":"node:internal\/stream_base_commons/)
  assert.match(page, /"place":"src\/smtp\//)
  rmSync(folder, { recursive: true })
})

test('The open-loop benchmark takes the time of each message, with several workers', async () => {
  const { stdout, stderr } = await bench(
    'latency.ts',
    ...['--samples', '100', '--rate', '100', '--workers', '2', ...little],
  )
  const result = JSON.parse(stdout || `"${stderr}"`)
  assert.equal(result.lost + result.duplicates + result.failed + result.unsigned, 0)
  assert.ok(result.medianMs <= result.p99Ms && result.p999Ms <= result.longestMs)
  assert.ok(result.medianMs > 0)
})

test('A benchmark refuses an option that it does not have, and a size that is none', async () => {
  const unknown = await bench('hop.ts', '--mesages', '5')
  assert.equal(unknown.code, 64)
  assert.match(unknown.stderr, /--mesages/)
  const badSize = await bench('hop.ts', '--size', 'big')
  assert.equal(badSize.code, 64)
  assert.match(badSize.stderr, /--size big: expected octets such as 4k/)
})

/** However long a busy machine takes for it. */
function bench(
  name: string,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const file = join(import.meta.dirname, '../../bench', name)
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], (error, stdout, stderr) =>
      resolve({ code: exitCodeOf(error), stdout, stderr }),
    )
  })
}

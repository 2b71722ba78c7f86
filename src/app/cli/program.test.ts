// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { Command } from 'commander'
import { RelayError } from '../../base/errors.ts'
import { type CommandEntry, commandTable } from './command-table.ts'
import { run } from './program.ts'
import { Shell } from './shell.ts'
import { Terminal } from './terminal.ts'

const seen: unknown[] = []
const probe: CommandEntry = {
  name: 'probe',
  group: 'Look',
  summary: 'for this test',
  load: async () => ({
    define: (command, shell) => {
      command
        .argument('[what]')
        .option('--tenant <id>')
        .action(async (what: string | undefined, { tenant }: { tenant?: string }) => {
          if (what === 'bug') throw new TypeError('a bug')
          if (what === 'full') throw new RelayError('RLY_SPOOL_FULL', 'the disk is full')
          seen.push(what, tenant)
          shell.terminal.result({ file: shell.configFile() }, () => 'done')
        })
    },
  }),
}

async function runProbe(...args: readonly string[]) {
  const output = new PassThrough()
  const errors = new PassThrough()
  const environment = { POSTHASTE_CONFIG: '/env.toml' }
  const code = await run(args, { output, errors, environment }, [probe])
  return { code, stdout: String(output.read() ?? ''), stderr: String(errors.read() ?? '') }
}

describe('the program', () => {
  it('takes options for every command before and after the command', async () => {
    for (const args of [
      ['--json', '--config', '/a.toml', 'probe', 'x', '--tenant', 't'],
      ['probe', 'x', '--tenant', 't', '--json', '--config', '/a.toml'],
    ]) {
      assert.deepEqual(await runProbe(...args), {
        code: 0,
        stdout: '{"file":"/a.toml"}\n',
        stderr: '',
      })
      assert.deepEqual(seen.splice(0), ['x', 't'])
    }
    assert.match((await runProbe('probe', '--json')).stdout, /"\/env\.toml"/)
    assert.equal((await runProbe('probe')).stdout, 'done\n')
  })

  it('ends with the exit code of the error, and with 70 and a stack for a bug', async () => {
    const full = await runProbe('probe', 'full')
    assert.deepEqual(full, { code: 74, stdout: '', stderr: 'posthaste: the disk is full\n' })
    const bug = await runProbe('probe', 'bug')
    assert.equal(bug.code, 70)
    assert.match(bug.stderr, /^posthaste: this should not happen: a bug\nTypeError: a bug\n +at /)
    assert.equal(
      JSON.parse((await runProbe('probe', 'bug', '--json')).stderr).error.code,
      'INTERNAL',
    )
  })

  it('prints the list of commands and ends with 64 where none is named', async () => {
    const { code, stderr } = await runProbe()
    assert.equal(code, 64)
    assert.match(stderr, /^Look:\n {2}probe +for this test$/m)
  })

  it('can load every command, and each says what it does', async () => {
    const terminal = new Terminal(new PassThrough(), new PassThrough(), false)
    for (const { name, load } of commandTable) {
      const command = new Command(name)
      const module = await load()
      module.define(command, new Shell(terminal, {}, () => ({})))
      for (const sub of command.commands)
        assert.match(sub.description(), /\.$/, `${name} ${sub.name()} has a sentence`)
    }
  })
})

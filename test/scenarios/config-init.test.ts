// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { CommandLine } from '../support/command-line.ts'

describe('posthaste init', () => {
  let shell: CommandLine

  beforeEach(async () => {
    shell = await CommandLine.open()
  })
  afterEach(() => shell[Symbol.asyncDispose]())

  it('makes an installation that passes the check, and says what comes next', async () => {
    const made = await shell.runAlone('init', '--hostname', 'relay.example.com')
    assert.deepEqual([made.code, made.stderr], [0, ''])
    assert.match(made.stdout, /posthaste domain add YOUR-DOMAIN\n/)
    assert.match(made.stdout, /admin key +ph_[a-z0-9_]+ {2}\(/i)
    assert.equal((await shell.runAlone('config', 'check')).code, 0)
    const modes = ['posthaste.toml', 'posthaste.key', 'tls.crt', 'tls.key', 'data'].map((name) =>
      (statSync(join(shell.folder, name)).mode & 0o777).toString(8),
    )
    assert.deepEqual(modes, ['644', '600', '644', '600', '700'])
    const certificate = new X509Certificate(readFileSync(join(shell.folder, 'tls.crt')))
    assert.equal(certificate.checkHost('relay.example.com'), 'relay.example.com')
    const days = (Date.parse(certificate.validTo) - Date.now()) / 86_400_000
    assert.ok(days > 820 && days <= 825)
  })

  it('names folders as it is told, and the configuration in the commands that come next', async () => {
    const made = await shell.runAlone(
      ...['init', '--dir', 'etc/ph', '--data-dir', 'var/ph', '--hostname', 'a.example'],
    )
    assert.match(made.stdout, /posthaste serve --config etc\/ph\/posthaste\.toml/)
    assert.ok(existsSync(join(shell.folder, 'var/ph/store.sqlite')))
    const text = readFileSync(join(shell.folder, 'etc/ph/posthaste.toml'), 'utf8')
    assert.ok(text.includes(`data_dir = "${shell.folder}/var/ph"`))
    assert.ok(text.includes(`key_file = "${shell.folder}/etc/ph/posthaste.key"`))
    assert.equal(
      (await shell.runAlone('config', 'check', '--config', 'etc/ph/posthaste.toml')).code,
      0,
    )
  })

  it('overwrites nothing', async () => {
    await shell.runAlone('init', '--hostname', 'a.example')
    const key = readFileSync(join(shell.folder, 'posthaste.key'), 'utf8')
    const again = await shell.runAlone('init', '--hostname', 'a.example')
    assert.equal(again.code, 73)
    assert.match(again.stderr, /^posthaste: nothing was set up, for there is already .*toml/)
    assert.equal(readFileSync(join(shell.folder, 'posthaste.key'), 'utf8'), key)
  })

  it('leaves nothing behind where it fails', async () => {
    writeFileSync(join(shell.folder, 'file'), '')
    const failed = await shell.runAlone(
      'init',
      '--hostname',
      'a.example',
      '--data-dir',
      'file/data',
    )
    assert.equal(failed.code, 73)
    assert.match(failed.stderr, /^posthaste: nothing was set up: ENOTDIR/)
    assert.deepEqual(readdirSync(shell.folder), ['file'])
  })

  it('refuses a data directory with something in it, and one that would hold the key', async () => {
    mkdirSync(join(shell.folder, 'full'))
    writeFileSync(join(shell.folder, 'full', 'x'), '')
    const full = await shell.runAlone('init', '--hostname', 'a.example', '--data-dir', 'full')
    assert.equal(full.code, 73)
    const same = await shell.runAlone('init', '--hostname', 'a.example', '--data-dir', '.')
    assert.equal(same.code, 78)
    assert.match(same.stderr, /key_file: .* inside of data_dir/)
    assert.deepEqual(readdirSync(shell.folder), ['full'])
  })

  it('warns of a short host name and refuses an impossible one', async () => {
    const impossible = await shell.runAlone('init', '--hostname', 'a b')
    assert.equal(impossible.code, 64)
    assert.match(impossible.stderr, /Expected a host name such as relay\.example\.com/)
    const short = await shell.runAlone('init', '--hostname', 'box')
    assert.equal(short.code, 0)
    assert.match(short.stdout, /"box" is not a full name/)
  })
})

// SPDX-License-Identifier: Apache-2.0
/**
 * Verifiers in other languages, where they are installed: OpenDKIM, dkimpy and Mail::DKIM. Each is run once for a folder of
 * messages, and takes its keys from a file in it, never from the network.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dnsRecords } from './signed-message.ts'

export interface OtherVerifier {
  readonly name: string
  /** Tricky messages that it cannot read, so that its verdict says nothing. */
  readonly cannotRead: readonly string[]
  /** `null` where it is not installed. */
  readonly verify: Verify | null
}

/** `records`: what the domain's owner has published, by name. */
export type Verify = (
  messages: readonly Buffer[],
  records?: ReadonlyMap<string, string>,
) => readonly Verdict[]

/** Of each message: how many signatures passed, of those that the verifier knows the algorithm of. */
export interface Verdict {
  readonly passed: number
  readonly of: number
}

/** dkimpy looks at one signature at a time. */
const DKIMPY = `
import sys, dkim
records = dict(line.rstrip('\\n').split(' ', 1) for line in open(sys.argv[1]))
def txt(name, timeout=5):
    return records.get((name.decode() if isinstance(name, bytes) else name).rstrip('.'), '').encode()
def passes(octets, index):
    try:
        return dkim.DKIM(octets).verify(idx=index, dnsfunc=txt)
    except dkim.DKIMException:
        return False
for name in sys.argv[2:]:
    octets = open(name, 'rb').read()
    print(sum(passes(octets, index) for index in (0, 1)))
`

/** Mail::DKIM knows RSA only. */
const MAIL_DKIM = `
use Mail::DKIM::Verifier; use Mail::DKIM::PublicKey;
my (%records, $file); open($file, '<', shift @ARGV); while (<$file>) { chomp; my ($n, $v) = split / /, $_, 2; $records{$n} = $v }
{ no warnings 'redefine'; package Mail::DKIM::DNS; sub query { my ($name) = @_; return map { Answer->new($_) } grep { defined } $records{$name} }
  sub query_async { my ($name, $type, %on) = @_; my @found = query($name); return sub { $on{Callbacks}{Success}->(@found) } } }
{ package Answer; sub new { bless { text => $_[1] } } sub type { 'TXT' } sub char_str_list { $_[0]{text} } sub txtdata { $_[0]{text} } }
for (@ARGV) { my $verifier = Mail::DKIM::Verifier->new; open(my $in, '<:raw', $_); local $/; $verifier->PRINT(<$in>); $verifier->CLOSE;
  print scalar(grep { $_->result eq 'pass' && $_->algorithm eq 'rsa-sha256' } $verifier->signatures), "\\n" }
`

export const otherVerifiers: readonly OtherVerifier[] = [
  {
    name: 'OpenDKIM',
    cannotRead: ['space before the colon'],
    verify: isInstalled('/usr/sbin/opendkim', ['-V']) ? withOpenDkim : null,
  },
  {
    name: 'dkimpy',
    cannotRead: ['space before the colon'],
    verify: isInstalled('/usr/bin/python3', ['-c', 'import dkim, nacl'])
      ? countedBy('/usr/bin/python3', ['-c', DKIMPY], 2)
      : null,
  },
  {
    name: 'Mail::DKIM',
    cannotRead: [],
    verify: isInstalled('perl', ['-MMail::DKIM', '-e', '1'])
      ? countedBy('perl', ['-e', MAIL_DKIM], 1)
      : null,
  },
]

function isInstalled(command: string, options: readonly string[]): boolean {
  return spawnSync(command, options).status === 0
}

/** `command` prints for each file how many signatures passed. */
function countedBy(command: string, options: readonly string[], of: number): Verify {
  return (messages, published) =>
    inFolder(messages, published, (records, files) => {
      const { stdout, stderr, status } = spawnSync(command, [...options, records, ...files])
      if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`)
      const counts = stdout.toString().trim().split('\n')
      return counts.map((count) => ({ passed: Number(count), of }))
    })
}

function withOpenDkim(...[messages, published]: Parameters<Verify>): readonly Verdict[] {
  return inFolder(messages, published, (records, files) => {
    const configuration = join(records, '..', 'opendkim.conf')
    writeFileSync(configuration, `TestDNSData file:${records}\nMode v\n`)
    return files.map((file) => {
      const { stdout } = spawnSync('/usr/sbin/opendkim', ['-x', configuration, '-vv', '-t', file])
      return { passed: stdout.toString().match(/dkim=pass/g)?.length ?? 0, of: 2 }
    })
  })
}

function inFolder<T>(
  messages: readonly Buffer[],
  published: ReadonlyMap<string, string> = dnsRecords,
  use: (records: string, files: readonly string[]) => T,
): T {
  const folder = mkdtempSync(join(tmpdir(), 'posthaste-signatures-'))
  try {
    const records = join(folder, 'records')
    writeFileSync(records, [...published].map(([name, value]) => `${name} ${value}\n`).join(''))
    const files = messages.map((octets, index) => {
      const file = join(folder, `${index}.eml`)
      writeFileSync(file, octets)
      return file
    })
    return use(records, files)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

// SPDX-License-Identifier: Apache-2.0
/**
 * One command line of a client, read. RFC 5321 §4.1, and the commands of RFC 3030 (BDAT), 3207 (STARTTLS) and 4954
 * (AUTH), and Postfix's XCLIENT. Never throws: what cannot be read is a `FAULT` that carries its reply. Whether a command may come now is
 * the session's affair.
 */
import { isUtf8 } from 'node:buffer'
import type { ReversePath } from '../envelope.ts'
import type { Mailbox } from '../mailbox.ts'
import { type Reply, reply } from '../reply.ts'
import {
  type MailParameters,
  parseMailParameters,
  parseRcptParameters,
  type RcptParameters,
} from './parameters.ts'
import { parsePathArgument } from './path-argument.ts'
import { type ClientClaim, parseXclient } from './xclient.ts'

export interface HelloCommand {
  readonly verb: 'EHLO' | 'HELO'
  /** Safe to be quoted in a `Received` field: no space, bracket, comment or control character. */
  readonly name: string
}

export interface MailCommand extends MailParameters {
  readonly verb: 'MAIL'
  readonly reversePath: ReversePath
  /** Whether the line had octets over 127, which only SMTPUTF8 allows (RFC 6531 §3.4). */
  readonly isInternational: boolean
}

export interface RcptCommand extends RcptParameters {
  readonly verb: 'RCPT'
  /** `null` is `<postmaster>` without a domain, RFC 5321 §4.5.1. */
  readonly forwardPath: Mailbox | null
  readonly isInternational: boolean
}

export interface BdatCommand {
  readonly verb: 'BDAT'
  /** So many octets follow the line, whatever the reply will be. RFC 3030 §2. */
  readonly octets: number
  readonly isLast: boolean
}

export interface AuthCommand {
  readonly verb: 'AUTH'
  /** Upper case. */
  readonly mechanism: string
  /** Base64; `=` is an empty one; `null` where none was given. RFC 4954 §4. */
  readonly initialResponse: string | null
}

export interface XclientCommand {
  readonly verb: 'XCLIENT'
  readonly claim: ClientClaim
}

/** Commands whose argument does not matter, or that have none. */
export interface PlainCommand {
  readonly verb: 'DATA' | 'RSET' | 'QUIT' | 'STARTTLS' | 'NOOP' | 'HELP' | 'VRFY' | 'EXPN'
}

/** A line that is no command. */
export interface FaultyCommand {
  readonly verb: 'FAULT'
  /** The verb that was meant, or `null` where there is none of that name. */
  readonly of: Verb | null
  readonly reply: Reply
  /** Path of a MAIL or RCPT as it was written, else `null`. */
  readonly path: string | null
}

export type Command =
  | HelloCommand
  | MailCommand
  | RcptCommand
  | BdatCommand
  | AuthCommand
  | XclientCommand
  | PlainCommand
  | FaultyCommand

export type Verb = Exclude<Command['verb'], 'FAULT'>

type Parser = (argument: string, isInternational: boolean) => Command

/** What browsers and load balancers say first: whoever speaks HTTP here is led astray, and a PROXY header comes too late. */
const foreignVerbs = ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'CONNECT', 'PROXY'] as const
const foreign = fault(null, reply(421, '4.7.0', 'This is SMTP, closing'))

const parsers: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ['EHLO', (argument) => parseHello('EHLO', argument)],
  ['HELO', (argument) => parseHello('HELO', argument)],
  ['MAIL', parseMail],
  ['RCPT', parseRcpt],
  ['BDAT', parseBdat],
  ['AUTH', parseAuth],
  ['XCLIENT', parseXclientCommand],
  ['DATA', withoutArgument('DATA')],
  ['RSET', withoutArgument('RSET')],
  ['QUIT', withoutArgument('QUIT')],
  ['STARTTLS', withoutArgument('STARTTLS')],
  ['NOOP', withAnyArgument('NOOP')],
  ['HELP', withAnyArgument('HELP')],
  ['VRFY', withAnyArgument('VRFY')],
  ['EXPN', withAnyArgument('EXPN')],
  ...foreignVerbs.map((verb) => [verb, () => foreign] as const),
])

const notRecognized = fault(null, reply(500, '5.5.1', 'Command not recognized'))
const badCharacters = fault(null, reply(500, '5.5.2', 'Invalid characters in command'))

/** `line` is without its CRLF. */
export function parseCommand(line: Buffer): Command {
  const length = trimmedLength(line)
  let isInternational = false
  for (let at = 0; at < length; at++) {
    const octet = line[at] ?? 0
    if (octet < 0x20 || octet === 0x7f) return badCharacters
    if (octet > 0x7f) isInternational = true
  }
  if (isInternational && !isUtf8(line)) return badCharacters
  const text = isInternational
    ? line.toString('utf8', 0, length)
    : line.toString('latin1', 0, length)
  const space = text.indexOf(' ')
  const verb = (space < 0 ? text : text.slice(0, space)).toUpperCase()
  const parser = parsers.get(verb)
  return parser === undefined
    ? notRecognized
    : parser(space < 0 ? '' : text.slice(space + 1), isInternational)
}

function parseHello(verb: 'EHLO' | 'HELO', argument: string): Command {
  const name = argument.trim()
  if (/^[\w!#$%&'*+./:=?[\]^`{|}~-]{1,255}$/.test(name)) return { verb, name }
  return fault(verb, reply(501, '5.5.4', `Syntax: ${verb} hostname`))
}

function parseMail(argument: string, isInternational: boolean): Command {
  const parsed = parsePathArgument(argument, 'FROM')
  if (parsed === null) return fault('MAIL', reply(501, '5.5.4', 'Syntax: MAIL FROM:<mailbox>'))
  const { path, written } = parsed
  if (path.kind === 'invalid' || path.kind === 'postmaster')
    return fault('MAIL', reply(501, '5.1.7', 'Bad syntax of the reverse-path'), written)
  const parameters = parseMailParameters(parsed.parameters)
  if ('code' in parameters) return fault('MAIL', parameters, written)
  const reversePath = path.kind === 'null' ? null : path.mailbox
  return { verb: 'MAIL', reversePath, isInternational, ...parameters }
}

function parseRcpt(argument: string, isInternational: boolean): Command {
  const parsed = parsePathArgument(argument, 'TO')
  if (parsed === null) return fault('RCPT', reply(501, '5.5.4', 'Syntax: RCPT TO:<mailbox>'))
  const { path, written } = parsed
  if (path.kind === 'invalid' || path.kind === 'null')
    return fault('RCPT', reply(501, '5.1.3', 'Bad syntax of the forward-path'), written)
  const parameters = parseRcptParameters(parsed.parameters)
  if ('code' in parameters) return fault('RCPT', parameters, written)
  const { notify, originalRecipient } = parameters
  const forwardPath = path.kind === 'postmaster' ? null : path.mailbox
  return { verb: 'RCPT', forwardPath, isInternational, notify, originalRecipient }
}

function parseBdat(argument: string): Command {
  const match = /^(\d{1,15})( +LAST)?$/i.exec(argument)
  if (match === null) return fault('BDAT', reply(501, '5.5.4', 'Syntax: BDAT octets [LAST]'))
  return { verb: 'BDAT', octets: Number(match[1]), isLast: match[2] !== undefined }
}

function parseAuth(argument: string): Command {
  const match = /^([A-Za-z0-9_-]{1,20})(?: +([A-Za-z0-9+/=]+))?$/.exec(argument)
  if (match?.[1] === undefined)
    return fault('AUTH', reply(501, '5.5.4', 'Syntax: AUTH mechanism [initial-response]'))
  return { verb: 'AUTH', mechanism: match[1].toUpperCase(), initialResponse: match[2] ?? null }
}

function parseXclientCommand(argument: string): Command {
  const claim = parseXclient(argument)
  if (claim === null) return fault('XCLIENT', reply(501, '5.5.4', 'Bad XCLIENT attribute or value'))
  return { verb: 'XCLIENT', claim }
}

function withoutArgument(verb: PlainCommand['verb']): Parser {
  const command: PlainCommand = { verb }
  const faulty = fault(verb, reply(501, '5.5.4', `${verb} takes no argument`))
  return (argument) => (argument === '' ? command : faulty)
}

function withAnyArgument(verb: PlainCommand['verb']): Parser {
  const command: PlainCommand = { verb }
  return () => command
}

function fault(of: Verb | null, answer: Reply, path: string | null = null): FaultyCommand {
  return { verb: 'FAULT', of, reply: answer, path }
}

/** Trailing white space is borne, RFC 5321 §4.1.1. */
function trimmedLength(line: Buffer): number {
  let length = line.length
  while (length > 0 && (line[length - 1] === 0x20 || line[length - 1] === 0x09)) length--
  return length
}

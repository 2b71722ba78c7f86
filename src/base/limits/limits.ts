// SPDX-License-Identifier: Apache-2.0
/**
 * Every bound in one table: what it counts, where it comes from, and what happens when it is full. Configuration
 * may change those that `config/posthaste.example.toml` names.
 */

const KIB = 1_024
const MIB = 1_024 * KIB
const MINUTE_MS = 60_000

/** The submission side. A peer over a bound gets the reply that is named. */
export const serverLimits = {
  /** RFC 5321 §4.5.3.1.4 says 512; extensions add (DSN, AUTH, SMTPUTF8), RFC 4954 §4 says 12,288 for AUTH. 500 5.5.2. */
  commandLineOctets: 2_048,
  authLineOctets: 12_288,
  /** RFC 5321 §4.5.3.1.6: 1,000 with CRLF. Real mail breaks it, receivers fold it: 554 5.6.0 above this. */
  textLineOctets: 64 * KIB,
  /** RFC 5321 §4.5.3.1.8 asks for at least 100. 452 4.5.3. */
  recipientsPerMessage: 1_000,
  /** 552 5.3.4, at MAIL where SIZE says so (RFC 1870). */
  messageOctets: 50 * MIB,
  /** RFC 4865: how far ahead a submitter may have a message released. 501 5.5.4. */
  futureReleaseMs: 30 * 24 * 60 * MINUTE_MS,
  /** The header section is edited in memory. 552 5.3.4. */
  headerOctets: 256 * KIB,
  /** Messages in one session, then 421 4.7.0. */
  transactionsPerSession: 10_000,
  /** Commands that got 5yz in one session, then 421 4.7.0. */
  errorsPerSession: 20,
  /** Wrong secrets in one session, then 421 4.7.0. */
  authFailuresPerSession: 3,
  /**
   * Sessions at once, then 421 4.7.0 at the greeting. One that waits takes 7 KiB, in TLS 51 KiB (measured with 10,000 by
   * `npm run bench:idle`); one that sends commands ahead at most `pipelinedOctets` more.
   */
  sessions: 2_000,
  sessionsPerAddress: 200,
  /** Sessions that are told 421 for their number, and linger; over it a connection is cut without a word. */
  refusedSessions: 200,
  /** RFC 5321 §4.5.3.2.7: at least 5 minutes. 421 4.4.2. */
  commandTimeoutMs: 5 * MINUTE_MS,
  /** Between two chunks of content. RFC 5321 §4.5.3.2.5 gives the client 3 minutes a block. 421 4.4.2. */
  contentTimeoutMs: 5 * MINUTE_MS,
  /** A load balancer's PROXY header; then the connection is cut. Its specification asks for at least 3 seconds. */
  proxyHeaderTimeoutMs: 10_000,
  /** A TLS handshake; then the connection is cut. */
  handshakeTimeoutMs: MINUTE_MS,
  /** A whole session, then 421 4.4.2. */
  sessionTimeoutMs: 120 * MINUTE_MS,
  /** Octets that a peer may have sent ahead of our replies (pipelining); then we stop reading. */
  pipelinedOctets: 64 * KIB,
  /** Replies that are gathered before they are written. */
  gatheredReplyOctets: 16 * KIB,
  /** After our last reply a client has this long to hang up; then the connection is cut. */
  lingerMs: 5_000,
} as const

/** Who guesses secrets, by network and by credential. */
export const loginLimits = {
  /** Wrong secrets that cost nothing; each further one makes the next verdict wait longer. */
  freeFailures: 10,
  /** In this time one failure is forgotten: so often may be guessed in the long run. */
  failureMs: 6_000,
  /** Who would have to wait longer is not heard: 454 4.7.0. */
  longestWaitMs: 30_000,
  /** Networks and credentials that failed, and pairs that got in; the oldest are forgotten. */
  remembered: 20_000,
  /** Between two events about guessing; what happened meanwhile is counted in the next. */
  eventPauseMs: 10_000,
} as const

export type ServerLimits = Readonly<Record<keyof typeof serverLimits, number>>

/** The sending side: how long we wait for a receiver. RFC 5321 §4.5.3.2. */
export const clientTimeouts = {
  connectMs: 30_000,
  /** §4.5.3.2.1. */
  greetingMs: 5 * MINUTE_MS,
  /** §4.5.3.2 names none for EHLO; as MAIL. */
  ehloMs: 5 * MINUTE_MS,
  startTlsMs: 2 * MINUTE_MS,
  /** §4.5.3.2.2. */
  mailMs: 5 * MINUTE_MS,
  /** §4.5.3.2.3. */
  rcptMs: 5 * MINUTE_MS,
  /** §4.5.3.2.4: the 354. */
  dataMs: 2 * MINUTE_MS,
  /** §4.5.3.2.5: no progress of a write. */
  dataBlockMs: 3 * MINUTE_MS,
  /** §4.5.3.2.6: after the final dot. */
  endOfDataMs: 10 * MINUTE_MS,
  quitMs: 5_000,
} as const

export const clientLimits = {
  /** Octets of one reply line, RFC 5321 §4.5.3.1.5 says 512. Longer ones are cut for events; over this the peer is nonsense. */
  replyLineOctets: 8 * KIB,
  /** Lines and octets of one reply. Over it: 4yz in our words, connection closed. */
  replyLines: 100,
  replyOctets: 64 * KIB,
  /** Text of a reply that is kept in events and DSNs; the rest is cut. */
  replyTextKept: 1_000,
  /** Lines of a conversation that an event keeps. */
  conversationLines: 40,
  /** Content up to this goes out in one write, and with BDAT before the replies to RCPT; larger content in writes of this size. */
  contentWriteOctets: 256 * KIB,
  /** Hosts whose STARTTLS or PIPELINING is broken are remembered, so that they are used without; the oldest is forgotten. */
  flawedHosts: 10_000,
  flawMs: 60 * MINUTE_MS,
  /** Addresses of hosts that do not work and rest; the oldest is forgotten, and tried again. */
  restingHosts: 10_000,
  /** TLS sessions that are kept to be resumed, some 2 KiB each; the least recently used goes first. */
  tlsSessions: 2_000,
  tlsSessionMs: 60 * MINUTE_MS,
  /** MX hosts tried in one attempt, and addresses of each. */
  hostsPerAttempt: 5,
  addressesPerHost: 4,
  /**
   * When one address of a host has not answered for so long, the next one is called beside it. RFC 8305 §5 says 250 ms, which
   * people wait for, and 2 s at most: to the far side of the world mail does not call twice.
   */
  nextAddressAfterMs: 2_000,
  /** After this no further host is tried in the attempt: it has failed. */
  hostsPerAttemptMs: 5 * MINUTE_MS,
} as const

export const queueLimits = {
  /** Recipients in one ready queue's window; the rest waits in the index. */
  windowHigh: 1_000,
  /** Below it the window is filled again. */
  windowLow: 250,
  /** Of it, what each scheduled queue gets at least, so that a receipt finds room behind a campaign. */
  windowShareLeast: 50,
  /** One in so many transactions is of a lower class while one of those waits. */
  lowerTurn: 16,
  /** All windows together, with the usual `max_memory`; over it fresh mail waits in the index. */
  windowTotal: 50_000,
  /** For each of them messages in hand may have so many recipients, whose addresses are in memory with the one that is. */
  envelopesPerRecipient: 4,
  /** Recipients that share one transaction. RFC 5321 §4.5.3.1.8: receivers must take 100. */
  recipientsPerTransaction: 100,
  /** Until shaping: connections to one site, messages on one connection. */
  connectionsPerSite: 10,
  messagesPerConnection: 100,
  /** All connections of the process to receivers. */
  connections: 2_000,
  /** A receiver that names a longer wait is tried again after this. */
  namedWaitMs: 4 * 60 * MINUTE_MS,
  /**
   * Sites in doubt (down, or not tried since the start) are tried from the index so many at a time, this often; the rest waits in
   * line. More while the process keeps up, fewer when it comes to it so much too late: each costs some 0.6 ms.
   */
  trialsLeast: 5,
  trialsMost: 60,
  trialEveryMs: 20,
  trialLateMs: 10,
  /** Rests in a row after which a site is not expected to come back any minute. */
  hopefulRests: 2,
  /** An idle connection is kept for the next message. */
  idleMs: 5_000,
} as const

/** `posthaste verify`. */
export const verifyLimits = {
  /** Problems of one journal that are named; the rest is counted. */
  namedProblems: 100,
} as const

export const dnsLimits = {
  /** RFC 6891 §6.2.5: what needs no fragments. */
  udpOctets: 1_232,
  queryMs: 5_000,
  attempts: 3,
  cachedNames: 50_000,
  /** TTLs are kept between these. */
  shortestTtlMs: 5_000,
  longestTtlMs: 24 * 60 * MINUTE_MS,
  /** RFC 2308 §5: negative answers at most three hours; ours an hour. */
  longestNegativeTtlMs: 60 * MINUTE_MS,
  /** RFC 9520 §3.2: a failure is remembered for at least a second, so that a queue does not hammer a resolver. */
  failureTtlMs: 1_000,
  /**
   * Packets that a resolver may have to take at once; over it they wait their turn. Linux drops what a socket's usual buffer cannot hold:
   * 277 small ones. What is not answered after `promptMs` is in the buffer no more.
   */
  inFlight: 200,
  promptMs: 250,
  /** Questions that have been asked and not answered, each with a socket. Names that are dead stay long; others go past them. */
  unanswered: 2_000,
  /** Of these, look-ups of where domains' mail goes; shared out among tenants, so that the dead names of one delay no other's. */
  lookUps: 1_500,
  /** Questions that wait their turn; over it they fail at once (451 4.4.3). */
  waiting: 10_000,
  /** Packets that are no answer to our question; over it the attempt has failed, for somebody is guessing. */
  strayAnswers: 16,
  /** Records in all sections of one answer; over it the answer is nonsense. */
  recordsPerAnswer: 500,
  /** CNAMEs followed for one question; over it, or in a loop, the question has failed. */
  aliases: 8,
  /** MX hosts kept of one domain, the most preferred. */
  mxHosts: 32,
  /** Domains whose route the router knows without asking; the least recently used go first. */
  knownRoutes: 200_000,
} as const

/** The test receiver. Strangers may talk to it too, so it is bounded like any server. */
export const sinkLimits = {
  /** Sessions at once, whoever they belong to; then 421 4.3.2. */
  sessions: 1_000,
  /** RFC 5321 §4.5.3.1.4 with room for extensions. 500 5.5.2. */
  commandLineOctets: 2_048,
  /** 452 4.5.3. */
  recipientsPerMessage: 1_000,
  /** 552 5.3.4. */
  messageOctets: 50 * MIB,
  /** Content of all sessions that is in memory; over it 452 4.3.1. */
  heldOctets: 256 * MIB,
  /** Of content that nobody wants, only the beginning is kept, to find the Message-ID. */
  headerOctets: 64 * KIB,
  /** Commands that got 5yz in one session, then 421 4.7.0. */
  errorsPerSession: 100,
  /** No command and no content for so long: 421 4.4.2. */
  idleMs: 5 * MINUTE_MS,
  /** A session that was told to go is cut off after this. */
  farewellMs: 2_000,
  /** Accepted recipients that are remembered; the oldest go first. */
  accepted: 100_000,
  /** Clients whose rates, and triplets whose greylisting, are remembered; the oldest go first. */
  clients: 10_000,
  triplets: 100_000,
  /** Files that `--keep` writes; then it says so and stops. */
  keptMessages: 100_000,
} as const

/** What the content stage reads and writes. Headers are bounded by `serverLimits.headerOctets`. */
export const contentLimits = {
  /** Taken at first for a header section or a line that comes in several chunks; it doubles as far as either may go. */
  gatherOctets: 8 * KIB,
  /** Content up to this is looked at whole, and passed as it came where nothing is wrong; larger content is taken apart. */
  wholeOctets: 64 * KIB,
  /** A body that may need quoted-printable is held up to this; then it gets it where 8-bit bodies do, and else no more. */
  undecidedOctets: 256 * KIB,
  /** Multiparts within each other, as Postfix has it; one that is in more is passed as it is. */
  multipartDepth: 100,
  /** Fields of one header section; each costs memory while it is edited. 552 5.3.4. */
  headerFields: 2_000,
  /** `Received` fields, RFC 5321 §6.3: at least 100. 554 5.4.6. */
  receivedFields: 100,
  /** Octets of a field that are read for events (Subject, From, Message-ID); the rest is cut. */
  factOctets: 2_000,
  /** Characters of it that an event keeps. */
  factCharacters: 500,
  /** Octets of a field with which a submitter tells the relay something. 550 5.6.0. */
  controlOctets: 8 * KIB,
  /** Mailboxes read of one address list. The mail is refused where From has more: 550 5.6.0. */
  mailboxesPerField: 100,
  /** Octets of an original message that a DSN returns; of a larger one only the header section, cut at this. */
  returnedOctets: 256 * KIB,
  /** Signatures that wait for a core; over it a message is not taken now (`RLY_BUSY`). */
  waitingSignatures: 4_000,
} as const

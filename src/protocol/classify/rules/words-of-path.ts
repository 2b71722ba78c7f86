// SPDX-License-Identifier: Apache-2.0
/** Words about the source and its reputation, and about how much it sends. */
import { type PhraseRule, phrases } from '../rule.ts'

export const wordsOfPath: readonly PhraseRule[] = [
  {
    name: 'content-on-a-list',
    class: 'listed-content',
    says: phrases(`
      *spamhaus* + dbl | dbl.spamhaus.org | surbl* | multi.surbl.org | uribl* | ivmuri*
      url + listed | url + blacklist* | url + blocklist* | link + blacklist* | domain + is listed
      domain + blacklisted | domain + blocklisted | domain has been blacklisted
      sender address + blocked using | rhsbl*
    `),
    unless: ['ip address', 'client host', 'zen.spamhaus.org', 'sbl.spamhaus.org'],
  },
  {
    name: 'block-list',
    class: 'listed-source',
    says: phrases(`
      *spamhaus* | *spamcop* | *sorbs* | *barracudacentral* | barracudanetworks.com/reputation
      barracuda + reputation | *dnsbl* | *rbl | rbl* | rbl.* | real-time blackhole*
      realtime blackhole* | real time block* | realtime block* | real-time block* | blackhole list
      blacklist* | black list* | black-list* | blackliste | *blocklist* | block list*
      block-list* | listed at | listed in | listed on | listed by | is listed | found on + list*
      blocked using | blocked by + list* | block + lookup | *uceprotect* | *abuseat* | *nixspam*
      *manitu.net | *hostkarma* | *junkemailfilter* | *invaluement* | ivmsip* | *psbl*
      *mailspike* | *truncate.gbudb* | *gbudb* | *senderscore* | *backscatterer* | *wpbl*
      *cobion* | dul list | exploits block | policy block list | delist* | removal from this list
      request removal | banned sending ip | bad ip | banned ip | ip banned | from ip banned
      ip is banned | ip has been blocked | your ip + blocked | your ip address + blocked
      blocked ip | ip blocked | ip address + blocked | ip address is blocked | ip is blocked
      liste noire | lista negra | lista nera | zwarte lijst | schwarze liste | auf der blackliste
      черн* список | черный список | черном списке | 黑名单 | 黑名單 | ブラックリスト
    `),
    unless: ['frequency limited', '*rate limit*', 'connection frequency'],
  },
  {
    name: 'too-many-connections',
    class: 'too-many-connections',
    says: phrases(`
      too many connections | too many concurrent | too many simultaneous | too many sessions
      too many open | too many connects | concurrent connections | concurrent sessions
      simultaneous connections | max connections | maximum connections
      maximum number of connections | connection limit | connection rate | connection frequency
      connections limit* | connections per | connections from your | max concurrent
      messages per connection | message per connection | messages per session
      messages this session | messages for this session | messages in this connection
      messages in this session | messages on this connection | trop de connexions
      zu viele verbindungen | zu viele gleichzeitige | demasiadas conexiones | muitas conexoes
      troppe connessioni | te veel verbindingen | слишком много соединений | 连接数 | 连接过多 | 接続数
    `),
  },
  {
    name: 'mailbox-rate',
    class: 'mailbox-busy',
    says: phrases(`
      is receiving mail at a rate | is receiving mail too quickly | receiving mail too + quickly
      recipient has exceeded + rate | recipient + too much mail | recipient + message rate limit
      recipient rate limit* | user + receiving + rate
    `),
  },
  {
    name: 'reputation',
    class: 'bad-reputation',
    says: phrases(`
      *reputation | *reputation* | user complaints | complaints + deferred | unusual rate
      unusual amount | unexpected volume | unsolicited mail originating | suspicious activity
      suspicious behavi* | abusive + ip* | blocked for abuse | abuse from your
      permanently deferred | too much spam | too many spam* | source of spam | known spam source
      sends spam | sending spam | sent spam | you are sending spam | spam source | spam from your
      spam sent from | spammer* | suspected spam ip | untrusted ip | new or untrusted
      senderbase* | talosintelligence* | mauvaise reputation | schlechte reputation
      mala reputacion | 信誉
    `),
  },
  {
    name: 'rate',
    class: 'throttled',
    says: phrases(`
      *rate limit* | *ratelimit* | rate-limit* | rate exceeded | sending rate | send rate
      message rate | rate too high | throttl* | too many messages | too many mails
      too many emails | too many e-mails | too many mail | too much mail | too many requests
      too many errors | too many bad commands | too many invalid | too many unknown
      too many recipients + hour | too many recipients + minute | too many recipients + day
      too many recipients this | recipients this hour | too many recipients from
      excessive volume | excessive rate | excessive number | high volume | mail volume
      frequency limit* | frequency + limited | sending limit* | relay limit | message limit
      messages limit* | hourly limit* | daily limit* | daily quota | hourly quota | sending quota
      relay quota | limit exceeded for | exceeded + messages + hour | per hour | per minute
      slow down | slowing down | too fast | too quickly | flood* | sent too many
      sending too many | received too many messages | trop de messages | trop de mails
      limite d envoi | zu viele nachrichten | zu viele e-mails | demasiados mensajes
      demasiados correos | muitas mensagens | troppi messaggi | слишком много писем
      слишком часто | превышен лимит | 频率 | 频率限制 | 发信频率 | 过于频繁 | 發信頻率 | 送信数 | 発信制限
    `),
    unless: phrases(`
      mailbox | storage | message size | size limit | spf | dkim
    `),
  },
]

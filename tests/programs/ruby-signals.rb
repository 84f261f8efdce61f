# Ruby: a timer thread and a self-pipe of its own; handlers run in the main thread between two operations.
require 'timeout'
$stdout.sync = true
Thread.report_on_exception = false

def wait_until(limit = 10)
  finish = Process.clock_gettime(Process::CLOCK_MONOTONIC) + limit
  sleep 0.01 until yield || Process.clock_gettime(Process::CLOCK_MONOTONIC) > finish
  yield ? 'yes' : 'no'
end

got = []
p trap('USR1') { got << :usr1 }
Process.kill(:USR1, Process.pid)
puts "self #{wait_until { got == [:usr1] }}"
old = Signal.trap('USR1') { |s| got << Signal.signame(s) }
p old.class
Process.kill('USR1', $$)
puts "number #{wait_until { got.last == 'USR1' }}"

# a handler that raises out of a sleep, a read, a select, a join, a queue
class Cut < StandardError; end
trap('USR2') { raise Cut, 'cut' }
reader, writer = IO.pipe
queue = Queue.new
{ sleep: -> { sleep 30 }, read: -> { reader.read(1) }, select: -> { IO.select([reader], nil, nil, 30) },
  join: -> { Thread.new { sleep 30 }.join }, queue: -> { queue.pop }, wait: -> { system('sleep 30') },
  loop: -> { loop {} } }.each do |name, work|
  pid = fork { sleep 0.2; Process.kill(:USR2, Process.ppid); exit!(0) }
  begin
    work.call
    puts "#{name} finished"
  rescue Cut => e
    puts "#{name} #{e.message}"
  end
  Process.wait(pid)
end
trap('USR2', 'DEFAULT')

begin
  Timeout.timeout(0.2) { reader.read(1) }
rescue Timeout::Error
  puts 'timeout'
end
begin
  Timeout.timeout(0.2) { loop {} }
rescue Timeout::Error
  puts 'timeout in a loop'
end

# set from a thread, sent from a thread
count = 0
Thread.new { Signal.trap('HUP') { count += 1 } }.join
5.times { |i| Thread.new { Process.kill(:HUP, $$) }.join; wait_until { count > i } }
puts "threads #{count}"
puts "main #{wait_until { count == 5 }}"

# children
pids = (1..5).map { |i| fork { exit!(i) } }
puts pids.map { |q| Process.wait2(q)[1].exitstatus }.inspect
chld = 0
trap('CLD') { chld += 1 }
fork { exit!(0) }
Process.wait
puts "chld #{wait_until { chld >= 1 }}"
trap('CLD', 'DEFAULT')
puts `grep -E '^Sig(Ign|Blk)' /proc/self/status`
trap('HUP', 'IGNORE')
puts `grep -E '^Sig(Ign|Blk)' /proc/self/status`
begin
  trap('KILL') {}
rescue ArgumentError, SystemCallError => e
  puts e.message
end
begin
  Process.kill(:INT, $$)
  sleep 10
rescue Interrupt
  puts 'interrupt'
end
begin
  raise SignalException, 'SIGTERM'
rescue SignalException => e
  puts e.signo
end
at_exit { puts 'at exit' }
Process.kill(:TERM, $$)
sleep 10

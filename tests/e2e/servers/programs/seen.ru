# Tells what a Rack program saw of the request, and answers as its path asks.
require 'digest'
require 'json'

def text(bytes)
  bytes.dup.force_encoding('ISO-8859-1').encode('UTF-8')
end

# As Sinatra and Rails do before they route.
def unescaped(path)
  path.b.gsub(/%(\h\h)/) { $1.hex.chr }
end

def tell(env, body, area)
  fields = env.select { |name, _| name.start_with?('HTTP_') }.map { |name, value| [name, text(value)] }
  record = { method: env['REQUEST_METHOD'], target: text(env['REQUEST_URI']),
             path: text(unescaped(env['SCRIPT_NAME'] + env['PATH_INFO'])), area: area, fields: fields,
             length: body.bytesize, sha256: Digest::SHA256.hexdigest(body) }
  File.open(ENV['SEEN'], 'a') { |file| file.syswrite(JSON.generate(record) + "\n") }
end

def answer(asked)
  plain = { 'Content-Type' => 'text/plain' }
  case asked
  when 'status-204' then [204, {}, []]
  when 'status-304' then [304, { 'ETag' => '"1"' }, []]
  when 'pieces' then [200, plain, ['one ', 'two ', 'three']]
  when 'large-head' then [200, plain.merge((0...40).to_h { |i| ["X-Large-#{i}", 'v' * 400] }), ['large']]
  when /\Abytes-(\d+)\z/
    count = $1.to_i
    [200, plain, [((0..255).map(&:chr).join.b * (count / 256 + 1)).byteslice(0, count)]]
  else [200, plain.merge('Content-Length' => '4'), ['seen']]
  end
end

program = lambda do |area|
  lambda do |env|
    body = (env['rack.input'].read || '').b
    tell(env, body, area)
    answer((env['SCRIPT_NAME'] + env['PATH_INFO']).split('/', -1).last)
  end
end

map('/private') { run program.call('private') }
map('/public/private') { run program.call('private') }
map('/') { run program.call('open') }

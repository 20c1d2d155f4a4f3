# Packs each gem that Debian's packages installed, and writes an index of them: `ruby pack-gems.rb
# FOLDER`. Extensions are in the gems as Debian compiled them, as in gems for one platform.
require "fileutils"
require "rubygems/indexer"
require "rubygems/package"

LIBRARY_FOLDERS = %r{\A/usr/lib/(?:[^/]+/)?ruby/vendor_ruby/(?:3\.1\.0/)?}

def list_library_files(spec)
  package = `dpkg -S #{spec.loaded_from}`[/\A[^:,]+/]
  paths = `dpkg -L #{package}`.lines(chomp: true)
  paths.grep(LIBRARY_FOLDERS).to_h { |path| ["lib/#{path.sub(LIBRARY_FOLDERS, "")}", path] }
end

def list_files(folder, prefix = "")
  Dir.glob("**/*", base: folder).to_h { |path| ["#{prefix}#{path}", File.join(folder, path)] }
end

def list_gem_files(spec)
  programs = spec.executables.to_h { |name| ["#{spec.bindir}/#{name}", "/usr/bin/#{name}"] }
  extensions = list_files(spec.extension_dir, "lib/").select { |path, _| path.end_with?(".so") }
  files = programs.merge(list_library_files(spec), list_files(spec.gem_dir), extensions)
  files.select { |_, path| File.file?(path) }
end

def copy_files(files, folder)
  FileUtils.mkdir_p(folder)
  files.each do |path, source|
    copy = File.join(folder, path)
    FileUtils.mkdir_p(File.dirname(copy))
    FileUtils.cp(source, copy)
  end
end

def pack(spec, target)
  files = list_gem_files(spec)
  folder = File.join("/tmp", spec.full_name)
  copy_files(files, folder)
  packed = spec.dup
  packed.executables = spec.executables.select { |name| files.key?("#{spec.bindir}/#{name}") }
  packed.require_paths = ["lib", *spec.raw_require_paths].uniq
  packed.extensions = packed.extra_rdoc_files = packed.test_files = packed.cert_chain = []
  packed.files = files.keys.sort
  packed.signing_key = nil
  Dir.chdir(folder) { Gem::Package.build(packed, true, false, File.join(target, "gems", spec.file_name)) }
end

target = File.expand_path(ARGV.fetch(0))
FileUtils.mkdir_p(File.join(target, "gems"))
Gem::Specification.reject { |spec| spec.default_gem? || spec.name == "bundler" }.each { |spec| pack(spec, target) }
Gem::Indexer.new(target).generate_index

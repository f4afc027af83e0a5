/** Names of one architecture: those of kernels, of Swarm and of Node, and the one that images use. */
const NAMES: Record<string, string> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  x64: 'amd64',
  aarch64: 'arm64',
  armv8: 'arm64',
  armhf: 'arm',
  armv6l: 'arm',
  armv7l: 'arm',
  i386: '386',
  i686: '386',
  ia32: '386',
  ppc64: 'ppc64le',
};

/** The name that images use for an architecture, whatever it is called. */
export const architectureOf = (name: string): string => NAMES[name.toLowerCase()] ?? name.toLowerCase();

/** What hosts run besides images of their own architecture, as engines choose them too. */
const RUNS_TOO: Record<string, string> = { amd64: '386', arm64: 'arm' };

/** Whether a host of one architecture runs images of another without emulation. */
export const runsArchitecture = (host: string, image: string): boolean => {
  const [own, wanted] = [architectureOf(host), architectureOf(image)];
  return own === wanted || RUNS_TOO[own] === wanted;
};

import { closeSync, ftruncateSync, openSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { enter } from './enter.ts';
import { must, run } from './run.ts';
import { type MachineRecord, readLoop } from './state.ts';

const FILLER = '/var/lib/lab-filler';
const BOOKKEEPING = 2 * 1024 ** 2;
// Writing until it is refused; the last blocks are given to small files only.
const FILL_REST = `cat /dev/zero > ${FILLER}.rest
mkdir ${FILLER}.small && cd ${FILLER}.small && sync -f . || exit
i=0; while [ $i -lt 1000 ] && echo x > $i; do i=$((i + 1)); done`;

/** Gives a machine a disk of its own: a sparse file with ext4, so that it can be full alone. */
export async function makeDisk(machine: MachineRecord, gibibytes: number): Promise<void> {
  const image = join(machine.dir, 'disk.img');
  const file = openSync(image, 'w');
  ftruncateSync(file, gibibytes * 1024 ** 3);
  closeSync(file);
  // No reserved blocks: "full" means full, for root too.
  await must([
    'mkfs.ext4',
    '-q',
    '-F',
    '-m',
    '0',
    '-J',
    'size=16',
    '-E',
    'nodiscard,lazy_itable_init=1,lazy_journal_init=1',
    image,
  ]);
  // Attached for the lab's whole life: mounting one loop device twice is safe, one file by two is not.
  const loop = await must(['losetup', '--find', '--show', image]);
  writeFileSync(join(machine.dir, 'loop'), loop);
}

/** Lets go of the loop device; the kernel waits until nothing mounts it. */
export async function detachDisk(machine: MachineRecord): Promise<void> {
  const loop = readLoop(machine);
  if (loop === undefined) return;
  const holder = await run(['losetup', '--noheadings', '--output', 'BACK-FILE', loop]);
  // It may long be another file's, if a sweep comes late.
  if (holder.stdout.trim().startsWith(machine.dir)) await run(['losetup', '--detach', loop]);
}

/** Fills the machine's disk up to about `leaveBytes`, or wholly if that is 0. */
export async function fillDisk(pid: number, leaveBytes: number): Promise<void> {
  await freeDisk(pid);
  const stats = statfsSync(`/proc/${pid}/root/var/lib/docker`);
  // The file's own bookkeeping takes blocks too.
  const bytes = stats.bavail * stats.bsize - leaveBytes - BOOKKEEPING;
  if (bytes <= 0) return;
  await must(enter(pid, ['fallocate', '--length', String(bytes), FILLER]));
  if (leaveBytes === 0) await run(enter(pid, ['sh', '-c', FILL_REST]));
}

/** Undoes `fillDisk`. */
export async function freeDisk(pid: number): Promise<void> {
  await must(enter(pid, ['rm', '-rf', FILLER, `${FILLER}.rest`, `${FILLER}.small`]));
}

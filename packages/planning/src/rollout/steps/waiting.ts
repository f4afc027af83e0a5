import type { Part } from '../part.ts';
import type { ServiceView } from '../service-view.ts';
import { isActive, isReady, slotsOf, waitsForItsNode } from '../task-view.ts';
import type { WaitingOn } from '../types.ts';
import { slotsInWords } from '../words.ts';

const unready = (view: ServiceView, created: number[]): WaitingOn[] => {
  const heads = view.slots.flatMap(({ head }) => head ?? []);
  const homeless = slotsOf(heads.filter(({ node }) => node === 'none'));
  const placed = heads.filter(({ node }) => node !== 'none' && node !== 'silent' && node !== 'lost');
  const pulling = placed.filter((task) => task.hold && !task.imageReady);
  const starting = placed.filter((task) => !task.hold && !isReady(task));
  const list: WaitingOn[] = [];
  if (homeless.length > 0)
    list.push({ kind: 'ready', slots: homeless, sentence: `a node that fits ${slotsInWords(homeless)}` });
  if (pulling.length > 0) {
    const sentence = `the images of ${slotsInWords(slotsOf(pulling))}`;
    list.push({ kind: 'images', tasks: pulling.map(({ id }) => id), sentence });
  }
  const slots = [...new Set([...slotsOf(starting), ...created])].sort((a, b) => a - b);
  if (slots.length > 0) list.push({ kind: 'ready', slots, sentence: `${slotsInWords(slots)} to be ready` });
  return list;
};

const boundToNodes = (view: ServiceView): WaitingOn[] => {
  const active = view.seen.tasks.filter(isActive);
  const list: WaitingOn[] = [];
  const waiting = slotsOf(active.filter(waitsForItsNode));
  if (waiting.length > 0)
    list.push({
      kind: 'silent-node',
      slots: waiting,
      sentence: `the host of ${slotsInWords(waiting)}, which is silent and has the data`,
    });
  const silent = slotsOf(active.filter((task) => task.node === 'silent' && !task.hasLocalVolume));
  if (silent.length > 0)
    list.push({
      kind: 'silent-node',
      slots: silent,
      sentence: `a word from the host of ${slotsInWords(silent)}, or the end of its lease`,
    });
  const staying = slotsOf(active.filter((task) => task.node === 'draining' && task.hasLocalVolume));
  if (staying.length > 0)
    list.push({
      kind: 'local-volume',
      slots: staying,
      sentence: `someone to move or stop ${slotsInWords(staying)}: the data is on the host being drained`,
    });
  return list;
};

/** What the service waits for that no other step has said; `created` are the slots that get a task now. */
export const sayWaiting = (view: ServiceView, created: number[]): Part => {
  if (view.seen.service.desired !== 'running') return {};
  const { target } = view;
  const paused: WaitingOn[] =
    target?.rollout.state === 'paused'
      ? [{ kind: 'paused', sentence: target.rollout.pausedReason ?? 'paused by hand' }]
      : [];
  return { waitingOn: [...paused, ...unready(view, created), ...boundToNodes(view)] };
};

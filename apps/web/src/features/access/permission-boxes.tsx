'use client';
import { Checkbox } from '@patternfly/react-core';
import { isHostPrivilege, PERMISSIONS, type Permission } from '@portreeve/domain';
import { Fragment } from 'react';
import styles from './access.module.css';
import { inGroups } from './permission-groups.ts';

type Props = {
  of: readonly Permission[];
  chosen: readonly Permission[];
  onChange: (chosen: Permission[]) => void;
};
const itself = (permission: Permission) => permission;

/** Permissions to choose from, each with its sentence, under the headings of what they are about. */
export const PermissionBoxes = ({ of, chosen, onChange }: Props) => (
  <>
    {inGroups(of, itself).map(({ title, items }) => (
      <Fragment key={title}>
        <h3 className={styles.group}>
          {title}
          {items.some(isHostPrivilege) && (
            <span className="dim" style={{ fontWeight: 400 }}>
              {' '}
              each counts only where the project allows it
            </span>
          )}
        </h3>
        <div className={styles.columns}>
          {items.map((permission) => (
            <Checkbox
              key={permission}
              id={`may-${permission}`}
              label={
                <>
                  {PERMISSIONS[permission]} <span className="mono dim">{permission}</span>
                </>
              }
              isChecked={chosen.includes(permission)}
              onChange={(_, on) =>
                onChange(on ? [...chosen, permission] : chosen.filter((each) => each !== permission))
              }
            />
          ))}
        </div>
      </Fragment>
    ))}
  </>
);

// What a rendered dashboard must be assignable to: Grafana's published types, made strict for the panels in use.
import type {
  AnnotationQuery,
  Dashboard,
  DataQuery,
  GraphFieldConfig,
  Panel,
  RowPanel,
  TableFieldOptions,
} from "@grafana/schema";
import type { Options as BarGauge } from "@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen.d.ts";
import type {
  FieldConfig as HeatmapField,
  Options as Heatmap,
} from "@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen.d.ts";
import type { Options as Stat } from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen.d.ts";
import type {
  FieldConfig as TimelineField,
  Options as Timeline,
} from "@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen.d.ts";
import type { Options as Table } from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen.d.ts";
import type { Options as TimeSeries } from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen.d.ts";

// JSON has the values of enums, not their members.
type Json<T> = T extends string
  ? `${T}`
  : T extends (infer U)[]
    ? Json<U>[]
    : T extends object
      ? { [K in keyof T]: Json<T[K]> }
      : T;

// The fields of the Prometheus data source's queries are its own: @grafana/schema publishes what all queries share.
type Target = Json<DataQuery> & {
  expr: string;
  legendFormat: string;
  instant: boolean;
  range: boolean;
  format?: "time_series" | "table" | "heatmap";
};

type Fields<Custom> = Json<Omit<NonNullable<Panel["fieldConfig"]>, "defaults">> & {
  defaults: Json<Omit<NonNullable<Panel["fieldConfig"]>["defaults"], "custom">> & { custom?: Json<Custom> };
};

type Of<Plugin extends string, Options, Custom> = Json<Omit<Panel, "type" | "options" | "fieldConfig" | "targets">> & {
  type: Plugin;
  title: string;
  description: string;
  options: Json<Options>;
  fieldConfig: Fields<Custom>;
  targets: Target[];
};

type AnyPanel =
  | Of<"stat", Stat, never>
  | Of<"bargauge", BarGauge, never>
  | Of<"timeseries", TimeSeries, GraphFieldConfig>
  | Of<"table", Table, TableFieldOptions>
  | Of<"heatmap", Heatmap, HeatmapField>
  | Of<"state-timeline", Timeline, TimelineField>;

// The Prometheus data source's own; the published types leave them out.
type Annotation = Json<AnnotationQuery> & { expr: string; titleFormat: string; textFormat: string; step: string };

export type Page = Json<Omit<Dashboard, "panels" | "annotations">> & {
  uid: string;
  annotations: { list: Annotation[] };
  panels: (AnyPanel | Json<RowPanel>)[];
};

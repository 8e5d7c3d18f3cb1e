#include "report/report_fixture.h"

#include <math.h>

#define L(zh, en) (lang == LANG_ZH ? STR(zh) : STR(en))
#define N report_number
#define COPY(array) arena_copy(arena, array, sizeof array)

static date day(int year, int month, int d)
{
    date out = {0};
    CHECK(date_make(year, month, d, &out));
    return out;
}

static struct report_number marked(double value, int decimals, enum report_mark mark)
{
    struct report_number number = report_number(value, decimals);
    number.mark = mark;
    return number;
}

static void fill_header(struct creditworthiness_report *r, enum lang lang)
{
    r->number = STR("TS-2026-0317-00042");
    r->issuer = L("示例征信有限公司", "Example Credit Reporting Co., Ltd.");
    r->issuer_note = L("企业征信备案 示例-001", "Filing example-001");
    r->recipient = L("示例银行股份有限公司 临江支行", "Example Bank, Linjiang Branch");
    r->purpose = L("贷前（流动资金贷款）", "before the loan (working capital)");
    r->authorisation =
        L("授权书 A-20260301-007，有效至 2026-08-31", "Letter A-20260301-007, until 2026-08-31");
    r->issued_ms = 1773705600000; /* 2026-03-17T00:00:00Z */
    r->offset_minutes = 480;
    r->period_from = day(2025, 1, 1);
    r->period_to = day(2025, 12, 31);
    r->valid_to = day(2027, 3, 16);
    r->digest_hex = STR("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
    r->verify_url = STR("https://tanshu.example/verify/TS-2026-0317-00042");
    r->invented = true;
}

static void fill_subject(struct creditworthiness_report *r, struct arena *arena, enum lang lang)
{
    const struct report_identifier identifiers[] = {
        {L("统一社会信用代码", "Unified social credit code"), STR("91140000MA0EXAMPL3")},
        {L("排污许可证编号", "Pollution permit"), STR("91140000MA0EXAMPL3001P")}};
    r->subject = (struct report_subject){
        L("临江示例钢铁有限公司", "Linjiang Example Steel Co., Ltd."),
        L("Linjiang Example Steel Co., Ltd.", "临江示例钢铁有限公司"),
        COPY(identifiers),
        ARRAY_LEN(identifiers),
        STR("C3120"),
        L("炼钢", "Steelmaking"),
        L("山西省 长治市 临江区", "Linjiang, Changzhi, Shanxi"),
        L("大型", "large"),
        L("重点排放单位（钢铁行业）", "key emitting unit (steel)"),
        L("法人边界：烧结、球团、高炉、转炉、轧钢及自备电厂；不含生活设施与厂外运输。",
          "Legal entity: sintering, pelletising, blast furnace, converter, rolling and captive "
          "power; "
          "without living quarters and off-site transport.")};
}

static void fill_label(struct creditworthiness_report *r, struct arena *arena, enum lang lang)
{
    const struct report_reason reasons[] = {
        {L("粗钢碳排放强度 1.862 t CO₂e/t，低于基准水平 1.950，高于标杆水平 1.700：浅绿。",
           "Crude steel emits 1.862 t CO₂e/t, below the baseline level of 1.950 and above the "
           "advanced level of 1.700: light green."),
         {0}},
        {L("强度同比下降 3.6 %，未达到上调一级所需的 5 %。",
           "Intensity fell by 3.6 % on the year before; 5 % would lift the colour by one step."),
         {0}},
        {L("各工序能耗均未超过强制性限额。", "No process exceeds its mandatory energy limit."),
         {0}}};
    r->label = (struct report_label){
        COLOUR_LIGHT_GREEN,
        true,
        COLOUR_YELLOW,
        L("2024 年度", "2024"),
        L("单位产品碳排放（粗钢，全口径）", "emission per product (crude steel, full basis)"),
        L("标杆 1.700、基准 1.950、限定 2.200 t CO₂e/t；示例基准表 2025 年版",
          "advanced 1.700, baseline 1.950, limit 2.200 t CO₂e/t; example benchmark table 2025"),
        L("距深绿 0.162 t CO₂e/t（−8.7 %）", "0.162 t CO₂e/t (−8.7 %) to deep green"),
        L("B（数据质量 0.84）", "B (data quality 0.84)"),
        L("2 级", "level 2"),
        COPY(reasons),
        ARRAY_LEN(reasons)};
}

static void fill_grade(struct creditworthiness_report *r, struct arena *arena, enum lang lang)
{
    const struct report_dimension dimensions[] = {
        {L("当前碳表现", "Current carbon performance"), N(25, 0), N(74, 0), 4, 4},
        {L("减排速度", "Speed of reduction"), N(25, 0), N(71, 0), 4, 4},
        {L("前瞻能力", "Forward-looking"), N(20, 0), N(66, 0), 3, 4},
        {L("引领与技术输出", "Leadership"), N(5, 0), N(52, 0), 2, 3},
        {L("合规与碳市场履约", "Compliance and carbon market"), N(15, 0), N(94, 0), 5, 5},
        {L("数据质量与披露", "Data quality and disclosure"), N(10, 0), N(78, 0), 5, 5}};
    const struct report_indicator indicators[] = {
        {STR("c01"), L("单位产品碳排放", "Emission per product"), STR("1.862 t/t"), N(74, 0),
         N(8, 1), L("介于标杆与基准之间", "between advanced and baseline level")},
        {STR("c03"), L("单位产品综合能耗比限额", "Energy per product against limit"), STR("0.94"),
         N(76, 0), N(7, 1), L("低于限额 6 %", "6 % below the limit")},
        {STR("c06"), L("强度同比", "Intensity on the year before"), STR("−3.6 %"), N(86, 0),
         N(7, 1), L("同因子、按产量修正", "same factors, adjusted for output")},
        {STR("c07"), L("三年强度年均降幅", "Yearly fall over 3 years"), STR("2.9 %"), N(78, 0),
         N(6, 1), L("目标 4 %", "target 4 %")},
        {STR("c09"), L("减排技术投入占营收", "Reduction spending of revenue"), STR("1.4 %"),
         N(68, 0), N(6, 1), L("同业中位 1.0 %", "median of peers 1.0 %")},
        {STR("c12"), L("可再生能源占比", "Share of renewable power"), STR("8.0 %"), N(48, 0),
         N(5, 1), L("基准 10 %", "baseline 10 %")},
        {STR("c15"),
         L("产品碳足迹优于均值幅度", "Footprint below average"),
         STR(""),
         {0},
         N(2, 1),
         L("缺产品碳足迹报告，权重在维度内分摊",
           "no footprint report; weight moved within dimension")},
        {STR("c16"), L("履约及时率", "Surrender on time"), STR("100 %"), N(100, 0), N(5, 1),
         L("2024 年度按时清缴", "2024 surrendered on time")},
        {STR("c20"), L("数据质量分", "Data quality score"), STR("0.84"), N(88, 0), N(4, 1),
         L("在线表计覆盖 91 %", "meters cover 91 %")}};
    const struct report_reason improvements[] = {
        {L("绿电比例由 8 % 提高到 15 %（交易或自建光伏 12 MW）",
           "Raise green power from 8 % to 15 % (purchase, or 12 MW of own solar)"),
         N(1.9, 1)},
        {L("提交经第三方核证的产品碳足迹报告", "File a verified product carbon footprint"),
         N(1.2, 1)},
        {L("焦炉煤气流量计按期检定（当前已过期 46 天）",
           "Calibrate the coke-oven gas meter (46 days overdue)"),
         N(0.6, 1)}};
    r->grade = (struct report_grade){true,
                                     STR("A"),
                                     L("转型中期", "middle stage"),
                                     N(74.6, 1),
                                     COPY(dimensions),
                                     ARRAY_LEN(dimensions),
                                     COPY(indicators),
                                     ARRAY_LEN(indicators),
                                     COPY(improvements),
                                     ARRAY_LEN(improvements)};
}

static void fill_emission(struct creditworthiness_report *r, struct arena *arena, enum lang lang)
{
    const struct report_emission_year years[] = {
        {2023,
         N(1482300, 0),
         N(214800, 0),
         {0},
         {0},
         N(1697100, 0),
         N(1482300, 0),
         N(498200, 0),
         N(561900, 0),
         N(376640, 0),
         N(9800, 0)},
        {2024,
         N(1461750, 0),
         N(207420, 0),
         N(201660, 0),
         {0},
         N(1669170, 0),
         N(1461750, 0),
         N(491300, 0),
         N(553800, 0),
         N(386550, 0),
         N(16200, 0)},
        {2025, N(1418960, 0), N(196340, 0), N(181210, 0), marked(88400, 0, REPORT_MARK_ESTIMATED),
         N(1615300, 0), N(1418960, 0), N(478650, 0), N(538420, 0), N(392680, 0), N(31400, 0)}};
    const struct report_source sources[] = {
        {L("焦炭", "Coke"), 1, N(892450, 0), L("活动数据 × 实测低位发热量", "measured NCV")},
        {L("烟煤", "Bituminous coal"), 1, N(318270, 0),
         L("活动数据 × 实测低位发热量", "measured NCV")},
        {L("高炉煤气（外供扣除）", "Blast-furnace gas (sold)"), 1, N(-41200, 0),
         L("计量结算", "settled by meter")},
        {L("熔剂与电极", "Fluxes and electrodes"), 1, N(183540, 0),
         L("化验单", "laboratory sheets")},
        {L("天然气", "Natural gas"), 1, marked(65900, 0, REPORT_MARK_DEFAULT),
         L("缺省含碳量", "default carbon content")},
        {L("净购入电力", "Net purchased electricity"), 2, N(196340, 0),
         L("结算表 × 全国电网因子", "settlement meter × national grid factor")}};
    static const double coke[] = {75.1, 70.2, 76.8, 74.2, 75.9, 73.1,
                                  NAN,  74.8, 73.9, 76.0, 74.4, 73.2};
    static const double coal[] = {27.9, 26.1, 28.0, 26.7, 26.3, 25.4,
                                  NAN,  26.6, 26.2, 27.3, 27.8, 28.4};
    static const double flux[] = {15.6, 14.7, 15.9, 15.3, 15.5, 15.1,
                                  NAN,  15.4, 15.2, 15.7, 15.3, 15.0};
    static const double power[] = {16.4, 15.1, 16.5, 16.1, 16.7, 17.2,
                                   NAN,  17.4, 16.3, 16.2, 16.0, 16.1};
    const double *const monthly[] = {coke, coal, flux, power};
    r->monthly.first_month = month_make(2025, 1);
    r->monthly.months = 12;
    const str names[] = {L("焦炭", "Coke"), L("烟煤", "Coal"), L("熔剂与电极", "Fluxes"),
                         L("电力", "Electricity")};
    const double **series = ARENA_NEW_ARRAY(arena, const double *, ARRAY_LEN(monthly));
    for (size_t s = 0; s < ARRAY_LEN(monthly); s++) {
        double *tonnes = ARENA_NEW_ARRAY(arena, double, 12);
        for (size_t i = 0; i < 12; i++) tonnes[i] = monthly[s][i] * 1000;
        series[s] = tonnes;
    }
    r->monthly.series_count = ARRAY_LEN(monthly);
    r->monthly.names = arena_copy(arena, names, sizeof names);
    r->monthly.values = series;
    const struct report_change changes[] = {
        {L("2024 年", "2024"), 1669170, true},      {L("产量", "Output"), 7420, false},
        {L("燃料结构", "Fuel mix"), -31800, false}, {L("能效", "Efficiency"), -18410, false},
        {L("电力与绿电", "Power"), -11080, false},  {L("2025 年", "2025"), 1615300, true}};
    r->years = COPY(years);
    r->years_count = ARRAY_LEN(years);
    r->sources = COPY(sources);
    r->sources_count = ARRAY_LEN(sources);
    r->changes = COPY(changes);
    r->changes_count = ARRAY_LEN(changes);
}

static void fill_intensity(struct creditworthiness_report *r, struct arena *arena, enum lang lang)
{
    static const double peers[] = {1.68, 1.72, 1.79, 1.81, 1.84, 1.88, 1.9,  1.93,
                                   1.94, 1.97, 2.01, 2.04, 2.08, 2.13, 2.24, 2.31};
    const struct report_intensity intensities[] = {
        {L("粗钢", "Crude steel"),
         STR("t CO₂e/t"),
         N(1.862, 3),
         {N(1.973, 3), N(1.931, 3), N(1.862, 3)},
         N(1.7, 3),
         N(1.95, 3),
         N(2.2, 3),
         L("示例基准表 2025 年版，粗钢（长流程），全口径。",
           "Example benchmark table 2025, crude steel (integrated route), full basis."),
         N(63, 0),
         peers,
         ARRAY_LEN(peers)},
        {L("单位增加值", "Value added"),
         L("t CO₂e/万元", "t CO₂e/CNY 10k"),
         N(9.84, 2),
         {N(10.61, 2), N(10.22, 2), N(9.84, 2)},
         {0},
         {0},
         {0},
         {0},
         {0},
         NULL,
         0}};
    r->intensities = COPY(intensities);
    r->intensities_count = ARRAY_LEN(intensities);
}

static void fill_records(struct creditworthiness_report *r, struct arena *arena, enum lang lang)
{
    const struct report_measure measures[] = {
        {L("烧结余热回收发电 9 MW", "Sinter waste-heat power, 9 MW"), L("已投运", "in operation"),
         N(31200, 0), N(68000000, 0), STR("2024")},
        {L("高炉鼓风机变频改造", "Variable-speed blast blowers"), L("建设中", "under construction"),
         N(12700, 0), N(21500000, 0), STR("2026")},
        {L("厂房屋顶光伏 12 MW", "Roof solar, 12 MW"), L("已立项", "approved"),
         marked(7100, 0, REPORT_MARK_ESTIMATED), N(43000000, 0), STR("2027")}};
    const struct report_line reduction[] = {
        {L("绿电占比", "Share of green power"), STR("8.0 %"), {0}},
        {L("转型规划完成度", "Plan progress"), STR("72 %"), {0}},
        {L("CCER 持有", "CCER held"), STR("0 t"), {0}}};
    const struct report_line assets[] = {
        {L("2024 年度配额（预分配）", "Allowances 2024 (pre-allocated)"), STR("1,452,000 t"),
         L("全国碳市场登记", "national registry")},
        {L("2024 年度应清缴", "To surrender for 2024"), STR("1,461,750 t"),
         L("经核查排放量，履约口径", "verified, compliance basis")},
        {L("缺口", "Gap"), STR("−9,750 t"), L("已于 2025-11-20 购入补足", "bought on 2025-11-20")},
        {L("质押", "Pledged"), STR("0 t"), {0}}};
    const struct report_line compliance[] = {
        {L("履约", "Surrender"), L("按时", "on time"), L("2024 年度", "for 2024")},
        {L("排污许可", "Permit"), L("有效至 2028-06-30", "until 2028-06-30"), {0}},
        {L("在线监测有效率", "Online monitoring"), STR("97.2 %"),
         L("阈值 95 %", "threshold 95 %")}};
    const struct report_loan loans[] = {
        {L("示例银行", "Example Bank"), L("可持续发展挂钩贷款", "Sustainability-linked loan"),
         L("技改", "retrofit"), L("正常", "performing"),
         L("粗钢强度 ≤ 1.90，2025 年达标", "crude steel ≤ 1.90; met in 2025"), N(120000000, 0),
         N(3.15, 2)}};
    const struct report_record disputes[] = {
        {STR("2025-09-02"), L("数据异议", "data"),
         L("5 月焦炭入厂量与地磅记录不符", "coke received in May differs from the weighbridge"),
         L("成立，已更正", "upheld, corrected")}};
    r->measures = COPY(measures);
    r->measures_count = ARRAY_LEN(measures);
    r->reduction = COPY(reduction);
    r->reduction_count = ARRAY_LEN(reduction);
    r->assets = COPY(assets);
    r->assets_count = ARRAY_LEN(assets);
    r->compliance = COPY(compliance);
    r->compliance_count = ARRAY_LEN(compliance);
    r->penalties_checked = true;
    r->finance_consented = true;
    r->loans = COPY(loans);
    r->loans_count = ARRAY_LEN(loans);
    r->disputes = COPY(disputes);
    r->disputes_count = ARRAY_LEN(disputes);
}

static void fill_quality(struct creditworthiness_report *r, struct arena *arena, enum lang lang)
{
    const struct report_line tiers[] = {
        {L("供电公司结算表", "Utility settlement meter"), STR("12.2 %"),
         L("净购入电力", "electricity")},
        {L("经核查的碳市场数据", "Verified ETS figures"), STR("58.4 %"), L("焦炭", "coke")},
        {L("已检定自有计量", "Calibrated own meters"), STR("22.7 %"), L("烟煤、煤气", "coal, gas")},
        {L("缺省值", "Default values"), STR("6.7 %"), L("天然气含碳量", "carbon content of gas")}};
    const struct report_check checks[] = {
        {STR("x01"), L("电费单与电表", "Electricity bill and meter"), STR("0.8 %"),
         L("抄表例日已对齐", "reading day aligned"), REPORT_CHECK_PASS},
        {STR("x02"),
         L("电耗与产量", "Electricity and output"),
         STR("z 1.2"),
         {0},
         REPORT_CHECK_PASS},
        {STR("x04"), L("煤炭购耗存平衡", "Coal balance"), STR("3.1 %"),
         L("7 月库存未盘点，企业已说明", "July stock not counted; explained"), REPORT_CHECK_WARN},
        {STR("x08"), L("化学计量比", "Stoichiometry"), STR("0.440"), {0}, REPORT_CHECK_PASS},
        {STR("x21"), L("低位发热量合理性", "Plausible NCV"), STR("–"),
         L("仅检验实测值", "measured only"), REPORT_CHECK_PASS},
        {STR("x17"), L("核查排放量与账户", "Verified and own emission"), STR(""),
         L("2025 年度核查报告尚未出具", "verification of 2025 is not out yet"), REPORT_CHECK_OPEN}};
    const struct report_missing missing[] = {
        {L("2025 年 7 月燃料与电力数据", "Fuels and power of July 2025"),
         L("月度序列有缺口，完整性 0.92", "gap in the series, completeness 0.92"),
         L("上传 7 月报表或补传电表数据", "upload the July sheet or the meter file")},
        {L("产品碳足迹报告", "Product carbon footprint"),
         L("指标 c15 缺失", "indicator c15 missing"),
         L("提交经核证的报告", "file a verified report")}};
    const struct report_method methods[] = {
        {L("钢铁行业核算", "Steel, emission"), STR("2015-1"),
         L("中国钢铁生产企业温室气体排放核算方法与报告指南（试行）",
           "Guideline for iron and steel producers (trial)"),
         STR("4be1c02d97aa55e01823fa9b")},
        {L("四色贴标", "Four-colour label"), STR("1.2"),
         L("DB3308/T 095-2021 思路", "after DB3308/T 095"), STR("77ac0d12b6e94f3308c5d1aa")},
        {L("碳信用等级", "Carbon grade"), STR("1.0"), L("阶段权重表 2026", "stage weights 2026"),
         STR("c0ffee00d15ea5e5aa12bb34")}};
    const struct report_factor factors[] = {
        {L("全国电网平均因子", "National grid average"), STR("0.5306"), STR("t CO₂/MWh"),
         L("生态环境部公告（示例行）", "ministry's notice (example row)"), REPORT_MARK_NONE},
        {L("焦炭含碳量", "Coke, carbon content"), STR("0.0295"), STR("tC/GJ"),
         L("实测，化验单 12 份", "measured, 12 sheets"), REPORT_MARK_NONE},
        {L("天然气单位热值含碳量", "Natural gas, carbon per heat"), STR("0.0153"), STR("tC/GJ"),
         L("指南附录", "guideline, appendix"), REPORT_MARK_DEFAULT}};
    r->quality = (struct report_quality){
        N(0.92, 2), N(0.88, 2),  N(0.81, 2),       N(0.74, 2),   N(0.84, 2),
        N(2.6, 1),  COPY(tiers), ARRAY_LEN(tiers), COPY(checks), ARRAY_LEN(checks)};
    r->missing = COPY(missing);
    r->missing_count = ARRAY_LEN(missing);
    r->methods = COPY(methods);
    r->methods_count = ARRAY_LEN(methods);
    r->factors = COPY(factors);
    r->factors_count = ARRAY_LEN(factors);
    r->proof = (struct report_proof){true,
                                     STR("tanshu.example/log/1"),
                                     STR("18,204–18,217"),
                                     STR("18,240"),
                                     STR("q2Zr0mO6b1Yx9v3s4s0bSx2d3N0kqk7bq8q1zqzv2uY="),
                                     STR("2026-03-16 23:58"),
                                     STR("tanshu.example+8c1f2a90")};
}

struct creditworthiness_report fixture_mill(struct arena *arena, enum lang lang)
{
    struct creditworthiness_report r = {0};
    fill_header(&r, lang);
    fill_subject(&r, arena, lang);
    fill_label(&r, arena, lang);
    fill_grade(&r, arena, lang);
    fill_emission(&r, arena, lang);
    fill_intensity(&r, arena, lang);
    fill_records(&r, arena, lang);
    fill_quality(&r, arena, lang);
    return r;
}

struct creditworthiness_report fixture_meter_only(struct arena *arena, enum lang lang)
{
    struct creditworthiness_report r = {0};
    fill_header(&r, lang);
    r.invented = false;
    r.number = STR("TS-2026-0317-00043");
    r.subject.name = L("某钢铁厂", "A steel plant");
    r.subject.industry_name = L("炼钢", "Steelmaking");
    const struct report_reason reasons[] = {
        {L("没有产量，无法计算强度。", "No output: an intensity can't be computed."), {0}},
        {L("没有燃料与熔剂数据，范围一未知。", "No fuels and fluxes: scope 1 is unknown."), {0}}};
    r.label.colour = COLOUR_GREY;
    r.label.basis = L("单位产品碳排放", "emission per product");
    r.label.confidence = STR("D");
    r.label.reasons = COPY(reasons);
    r.label.reasons_count = ARRAY_LEN(reasons);
    const struct report_emission_year years[] = {
        {.year = 2018, .scope2_location = N(1842.7, 1), .electricity_mwh = N(3473, 0)}};
    r.years = COPY(years);
    r.years_count = 1;
    const struct report_missing missing[] = {{L("产量", "Output"),
                                              L("无强度，标签为灰", "no intensity, grey label"),
                                              L("填写月度产量", "enter the monthly output")}};
    r.missing = COPY(missing);
    r.missing_count = 1;
    return r;
}

struct bank_summary fixture_summary(const struct creditworthiness_report *report,
                                    struct arena *arena, enum lang lang)
{
    const struct report_offer offers[] = {
        {L("示例银行", "Example Bank"), L("碳效流动资金贷款", "Carbon-efficient working capital"),
         L("原料采购、日常周转", "raw materials, daily operation"),
         L("不适用（流动资金）", "not applicable (working capital)"),
         L("按营运资金缺口测算", "sized by the working-capital gap"), N(86000000, 0), N(3.35, 2),
         N(12, 0), N(88, 0), N(3.0, 2), N(0.65, 2), N(-0.1, 2), N(-0.2, 2)},
        {L("示例银行", "Example Bank"), L("转型贷款", "Transition loan"),
         L("高炉鼓风机变频改造", "variable-speed blowers"),
         L("转型目录 钢铁 2.3", "transition list, steel 2.3"),
         L("挂钩粗钢强度", "linked to crude steel intensity"), N(17200000, 0), N(3.2, 2), N(60, 0),
         N(81, 0), N(3.5, 2), N(0.1, 2), N(-0.2, 2), N(-0.2, 2)},
        {L("示例租赁", "Example Leasing"),
         L("设备融资租赁", "Equipment lease"),
         L("屋顶光伏 12 MW", "roof solar, 12 MW"),
         L("绿色目录 3.2.2", "green catalogue 3.2.2"),
         {0},
         N(34000000, 0),
         N(4.1, 2),
         N(84, 0),
         N(73, 0),
         {0},
         {0},
         {0},
         {0}}};
    const struct report_line questions[] = {
        {L("7 月数据缺口", "Gap of July"),
         {0},
         L("电表恢复记录与库存盘点表", "meter recovery record, stock count")},
        {L("天然气含碳量为缺省值", "Default carbon content of gas"),
         {0},
         L("请供气方提供气质单", "ask the supplier for the quality sheet")}};
    const struct report_record steps[] = {
        {STR("2026-03-17"), L("尽职调查", "investigation"),
         L("王示例（客户经理）", "Wang (officer)"), L("完成", "done")},
        {STR("2026-03-18"), L("审查", "review"), L("李示例（审查岗）", "Li (reviewer)"),
         L("进行中", "in progress")},
        {{0}, L("审批", "approval"), {0}, L("待办", "open")}};
    return (struct bank_summary){
        report,
        STR("L-2026-00118"),
        L("示例银行 临江支行", "Example Bank, Linjiang Branch"),
        L("王示例", "Wang"),
        L("流动资金 8,600 万元，12 个月；技改 1,720 万元，60 个月",
          "working capital CNY 86 million for 12 months; retrofit CNY 17.2 million "
          "for 60 months"),
        COPY(offers),
        ARRAY_LEN(offers),
        COPY(questions),
        ARRAY_LEN(questions),
        COPY(steps),
        ARRAY_LEN(steps)};
}
